# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""record-llama-cpp without llama.cpp: which node becomes which site, what goes into the GGUF file, what is refused."""
import ctypes
import importlib.util
import json
import tempfile
import unittest
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import gguf
import h5py
import numpy as np

from golden.generate.adapters import ggml, llama_cpp_engine
from golden.generate.adapters.checkpoint import open_checkpoint
from golden.generate.adapters.gguf_export import export, widened
from golden.generate.adapters.llama_cpp_sites import Sites
from golden.generate.model import embedded_checkpoint, read_config
from golden.generate.sites import layout_of
from golden.generate.stored import read_sites
from tests.generate.support import DATA, ROOT, run_in_process, stored

THIRD_PARTY = ROOT / "golden" / "third-party"
ABSENT = "no llama_cpp here: script/setup --llama-cpp installs it"


@dataclass
class FakeNode:
    """In place of ggml.Node; shape: of the array, ggml's extents in reverse."""

    op: str
    name: str = ""
    shape: tuple = (1, 1, 1, 1)
    sources: list = field(default_factory=list)
    values: np.ndarray | None = None
    parameters: tuple = (1.0,)

    def source(self, index):
        return self.sources[index] if index < len(self.sources) else None

    def float_parameter(self, index):
        return self.parameters[index]

    @property
    def layout(self):
        return mock.Mock(ne=self.array().shape[::-1])

    def array(self):
        if self.values is not None:
            return self.values
        return np.arange(np.prod(self.shape), dtype=np.float32).reshape(self.shape)


def weight(name):
    return FakeNode("NONE", name)


def sites_of(name, **more):
    layout = layout_of(read_config(stored(name).config_text, name))
    return Sites(layout, **({"batch": 2, "tokens": 3, "past": 0, "interleaved": True} | more)), layout.extents


class SitesTest(unittest.TestCase):
    def test_a_product_with_a_weight_is_its_projection_and_a_bias_comes_after(self):
        sites, extents = sites_of("granitemoe_cache")
        product = FakeNode("MUL_MAT", "Vcur-1", (1, 1, 6, extents["KV*d"]), [weight("blk.1.attn_v.weight")])
        sites.look(product)
        biased = FakeNode("ADD", "Vcur-1", product.shape, [product, weight("blk.1.attn_v.bias")])
        biased.values = product.array() + 1
        sites.look(biased)
        found = sites.finish()
        self.assertEqual(list(found), ["layers/001/v_proj"])
        np.testing.assert_array_equal(found["layers/001/v_proj"], biased.values.reshape(2, 3, -1))

    def test_pairs_of_queries_become_halves(self):
        sites, extents = sites_of("granitemoe_cache")
        heads, size = extents["H"], extents["d"]
        shape = (1, 6, heads, size)
        sites.look(FakeNode("RESHAPE", "Qcur-0", shape, [weight("Qcur-0")]))
        self.assertEqual(sites.finish(), {})
        sites.look(FakeNode("ROPE", "Qcur-0", shape, [weight("Qcur-0")]))
        found = sites.finish()["layers/000/q_rope"]  # [B, H, L, d]
        self.assertEqual(found.shape, (2, heads, 3, size))
        first = np.arange(size, dtype=np.float32) + size * heads * 3 + size  # row 1, token 0, head 1
        np.testing.assert_array_equal(found[1, 1, 0], np.concatenate([first[::2], first[1::2]]))

    def test_phimoe_rotates_halves_as_transformers_does(self):
        sites, extents = sites_of("phimoe_cache", interleaved=False)
        node = FakeNode("MUL_MAT", "", (1, 1, 6, extents["H*d"]), [weight("blk.0.attn_q.weight")])
        sites.look(node)
        np.testing.assert_array_equal(sites.finish()["layers/000/q_proj"], node.array().reshape(2, 3, -1))

    def test_scores_are_those_before_the_softmax_overwrote_them_scaled_and_without_padding_cells(self):
        sites, extents = sites_of("granitemoe_cache", past=1)
        heads, groups, size = extents["H"], extents["KV"], extents["d"]
        keys = FakeNode("PERMUTE", "", (2, groups, 32, size))
        scores = FakeNode("MUL_MAT", "kq-0", (2, heads, 3, 32), [keys])
        sites.look(scores)
        mask = np.where(np.arange(32) <= np.arange(3)[:, None] + 1, 0, -np.inf).astype(np.float32)
        mask = np.broadcast_to(mask, (2, 1, 3, 32))
        overwritten = FakeNode("MUL_MAT", "kq-0", values=np.full((2, heads, 3, 32), 7, np.float32))
        sites.look(FakeNode("SOFT_MAX", "kq_soft_max-0", (2, heads, 3, 32),
                            [overwritten, FakeNode("NONE", "mask", values=mask)], parameters=(0.5, 0.0)))
        found = sites.finish()
        visible = found["layers/000/attn_visible"]
        np.testing.assert_array_equal(visible[1], [[1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]])
        expected = np.where(visible[:, None], scores.array()[..., :4] / 2, 0)
        np.testing.assert_array_equal(found["layers/000/attn_scores"], expected)
        self.assertEqual(found["layers/000/attn_probs"].shape, (2, heads, 3, 4))
        self.assertEqual(found["layers/000/cache_k"].shape, (2, groups, 4, size))

    def test_values_are_cached_transposed(self):
        sites, extents = sites_of("granitemoe_cache")
        cached = FakeNode("PERMUTE", "", (2, extents["KV"], extents["d"], 32))
        sites.look(FakeNode("MUL_MAT", "kqv-1", sources=[cached]))
        np.testing.assert_array_equal(sites.finish()["layers/001/cache_v"], cached.array()[..., :3].swapaxes(2, 3))

    def test_experts_have_slots_and_gate_stands_before_up(self):
        sites, extents = sites_of("granitemoe_cache")
        slots, width = extents["k"], extents["I"]
        gate = FakeNode("MUL_MAT_ID", "ffn_moe_gate-0", (1, 6, slots, width), [weight("blk.0.ffn_gate_exps.weight")])
        up = FakeNode("MUL_MAT_ID", "ffn_moe_up-0", gate.shape, [weight("blk.0.ffn_up_exps.weight")], -gate.array())
        for node in (up, gate):  # llama.cpp computes them in this order
            sites.look(node)
        sites.look(FakeNode("VIEW", "ffn_moe_topk-0", (1, 1, 6, slots), [weight("ffn_moe_argsort-0")]))
        found = sites.finish()
        np.testing.assert_array_equal(found["layers/000/expert_gate_up"][..., :width], gate.array()[0])
        np.testing.assert_array_equal(found["layers/000/expert_gate_up"][..., width:], up.array()[0])
        self.assertEqual(found["layers/000/router_experts"].shape, (6, slots))

    def test_a_norm_shows_the_residual_that_it_reads(self):
        sites, extents = sites_of("phimoe_cache", interleaved=False)
        residual = FakeNode("ADD", "node_7", (1, 1, 6, extents["D"]), [weight("a"), weight("b")])
        norm = FakeNode("RMS_NORM", "norm-0", residual.shape, [residual])
        sites.look(norm)
        weighted = [norm, weight("blk.0.ffn_norm.weight")]
        sites.look(FakeNode("MUL", "norm_w-0", residual.shape, weighted, norm.array() * 2))
        found = sites.finish()
        np.testing.assert_array_equal(found["layers/000/resid_mid"], residual.array().reshape(2, 3, -1))
        np.testing.assert_array_equal(found["layers/000/ffn_norm_out"], norm.array().reshape(2, 3, -1) * 2)

    def test_the_state_of_a_scan_stands_behind_its_output(self):
        sites, extents = sites_of("granitemoehybrid_cache")
        state, output = [extents[letter] for letter in ("Hm", "P", "N")], 6 * extents["Im"]
        flat = np.arange(output + 2 * np.prod(state), dtype=np.float32)
        scan = FakeNode("SSM_SCAN", sources=[weight("x")] * 3 + [weight("blk.0.ssm_a")], values=flat)
        sites.look(scan)
        np.testing.assert_array_equal(sites.finish()["layers/000/ssm_state"].reshape(-1), flat[output:])

    def test_only_the_activation_behind_a_convolution_is_one(self):
        sites, extents = sites_of("granitemoehybrid_cache")
        convolution = FakeNode("SSM_CONV", sources=[weight("x"), weight("blk.1.ssm_conv1d.weight")])
        biased = FakeNode("ADD", sources=[convolution, weight("blk.1.ssm_conv1d.bias")])
        sites.look(FakeNode("SILU", shape=(1, 2, 3, extents["C"]), sources=[biased]))
        sites.look(FakeNode("SILU", sources=[weight("z")]))
        self.assertEqual({path: array.shape for path, array in sites.finish().items()},
                         {"layers/001/conv_out": (2, 3, extents["C"])})

    def test_a_tensor_is_read_by_its_strides(self):
        memory = np.arange(24, dtype=np.int32)
        layout = ggml.Layout(type=ggml.INT32, data=memory.ctypes.data, name=b"view")
        layout.ne[:], layout.nb[:] = (2, 3, 1, 1), (4, 16, 48, 48)
        library = mock.Mock()
        library.ggml_op_desc.return_value, library.ggml_get_name.return_value = b"VIEW", b"view"
        node = ggml.Node(library, ctypes.addressof(layout))
        np.testing.assert_array_equal(node.array(), [[[[0, 1], [4, 5], [8, 9]]]])
        self.assertIsNone(node.source(0))
        halves = np.array([1, 0.5, -2], dtype=np.float16)
        layout.type, layout.data = ggml.FLOAT16, halves.ctypes.data
        layout.ne[:], layout.nb[:] = (3, 1, 1, 1), (2, 6, 6, 6)
        np.testing.assert_array_equal(node.array()[0, 0, 0], halves)
        layout.type = 12  # a quantised one
        with self.assertRaisesRegex(llama_cpp_engine.CannotError, "expected a float or int32, found ggml type 12"):
            node.array()
        library.ggml_get_name.return_value = b"other"
        with self.assertRaisesRegex(llama_cpp_engine.CannotError, "laid out as in 0.3.36"):
            ggml.Node(library, ctypes.addressof(layout))


class RecordLlamaCppTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.out = self.directory / "dump.h5"

    def exported(self, name):
        golden = stored(name)
        with embedded_checkpoint(golden.config_text, golden.weights) as directory:
            export(open_checkpoint(directory), "f32", self.directory / "model.gguf")
        return gguf.GGUFReader(self.directory / "model.gguf")

    def test_a_gguf_file_holds_the_keys_and_the_values_of_the_model(self):
        config = json.loads(stored("granitemoe_prefill").config_text)
        reader = self.exported("granitemoe_prefill")
        for key, value in (
            ("general.architecture", "granitemoe"), ("granitemoe.block_count", config["num_hidden_layers"]),
            ("granitemoe.expert_used_count", config["num_experts_per_tok"]), ("tokenizer.ggml.model", "none"),
        ):
            self.assertEqual(reader.get_field(key).contents(), value, key)
        scale = reader.get_field("granitemoe.residual_scale").contents()
        self.assertAlmostEqual(scale, config["residual_multiplier"], places=6)
        tensors = {tensor.name: tensor.data for tensor in reader.tensors}
        dtype, array = stored("granitemoe_prefill").weights["model.layers.0.self_attn.v_proj.weight"]
        np.testing.assert_array_equal(tensors["blk.0.attn_v.weight"], widened(array, dtype))

    def test_experts_of_phimoe_become_one_tensor_and_absent_biases_zeros(self):
        tensors = {tensor.name: tensor.data for tensor in self.exported("phimoe_no_bias").tensors}
        weights = stored("phimoe_no_bias").weights
        for part, name in (("w1", "gate"), ("w2", "down"), ("w3", "up")):
            experts = tensors[f"blk.0.ffn_{name}_exps.weight"]
            for number, expert in enumerate(experts):
                dtype, array = weights[f"model.layers.0.block_sparse_moe.experts.{number}.{part}.weight"]
                np.testing.assert_array_equal(expert, widened(array, dtype))
        for bias in ("blk.0.attn_output.bias", "output.bias"):
            self.assertFalse(tensors[bias].any())

    def test_a_head_that_is_tied_is_left_to_the_embedding_unless_both_are_stored(self):
        names = {tensor.name for tensor in self.exported("granitemoe_tied").tensors}
        self.assertNotIn("output.weight", names)
        names = {tensor.name for tensor in self.exported("granitemoeshared_tied_both").tensors}
        self.assertIn("output.weight", names)
        names = {tensor.name for tensor in self.exported("granitemoe_tied_head_alone").tensors}
        self.assertIn("token_embd.weight", names)
        tied = {tensor.name: tensor.data for tensor in self.exported("phimoe_tied").tensors}
        np.testing.assert_array_equal(tied["output.weight"], tied["token_embd.weight"])

    def test_what_llama_cpp_cannot_be_told_is_refused_in_one_line(self):
        for name, message in (
            ("granitemoe_embeds", "call 0 inputs_embeds: expected none"),
            ("granitemoe_given_cache", "call 0 past_key_values: expected none"),
            ("granitemoehybrid_packed", "call 0 packed: expected none"),
            ("granitemoe_restarted_positions", "call 0 position_ids: expected 0, 1 ..., as llama.cpp counts"),
            ("granitemoe_right_pad", "call 0 attention_mask: expected ones, as llama.cpp has no padding"),
            ("phimoe_window_2", "expected no sliding window"),
            ("granitemoe_rope_llama3", "found that scaled rotary embedding is not exported"),
            ("granitemoe_act_relu", "silu, not relu"),
        ):
            with mock.patch.object(llama_cpp_engine, "PACKAGES", ()):
                status, output, errors = run_in_process("record-llama-cpp", DATA / f"{name}.h5", "--out", self.out)
            self.assertEqual((status, output), (2, ""), errors)
            self.assertRegex(errors, f"^error: .*{name}.h5.*{message}.*\n$")
            self.assertFalse(self.out.exists())

    def test_without_the_package_it_says_what_to_run(self):
        with mock.patch.object(llama_cpp_engine, "PACKAGES", ("gguf", "no_such_package")):
            status, _, errors = run_in_process("record-llama-cpp", DATA / "granitemoe_tied.h5", "--out", self.out)
        self.assertEqual(status, 2)
        self.assertRegex(errors, "^error: llama.cpp: .* no no_such_package; run script/setup --llama-cpp\n$")

    @unittest.skipUnless(importlib.util.find_spec("llama_cpp"), ABSENT)
    def test_llama_cpp_computes_what_the_committed_dumps_hold(self):
        """Up to the last bits, which another processor may round otherwise."""
        for name in ("granitemoe_prefill", "phimoe_prefill"):
            status, _, errors = run_in_process("record-llama-cpp", DATA / f"{name}.h5", "--out", self.out)
            self.assertEqual(status, 0, errors)
            with h5py.File(self.out) as file, h5py.File(THIRD_PARTY / f"llama_cpp_{name}.h5") as committed:
                found, expected = (read_sites(item["calls/000/actual"]) for item in (file, committed))
            self.assertEqual(found.keys(), expected.keys())
            for path, array in expected.items():
                np.testing.assert_allclose(found[path], array, rtol=1e-4, atol=1e-5, err_msg=path)


if __name__ == "__main__":
    unittest.main()
