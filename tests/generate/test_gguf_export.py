# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Names, orders and values of the GGUF file; that llama.cpp then computes the same is seen below the table
of script/peers, which prints how far its logits are from those of transformers."""
import tempfile
import unittest

import numpy as np

from golden.generate.adapters import gguf_export
from golden.generate.errors import CannotError
from tests.generate.small_checkpoints import counting, mamba_checkpoint, moe_checkpoint


class GgufExportTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def exported(self, checkpoint, weights):
        return {
            name: gguf_export.convert(checkpoint, source, name, change, weights)
            for source in checkpoint.tensors
            for name, change in gguf_export.translate(checkpoint, source)
        }

    def test_a_mixture_of_experts_has_the_names_that_llama_cpp_asks_for(self):
        names = set(self.exported(moe_checkpoint(self.directory), "f32"))
        block = {"attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate_inp"}
        block |= {"ffn_gate_exps", "ffn_up_exps", "ffn_down_exps"}
        outer = {"token_embd.weight", "output_norm.weight"}
        self.assertEqual(names, outer | {f"blk.0.{name}.weight" for name in block})

    def test_a_dense_mamba_layer_has_the_names_that_llama_cpp_asks_for(self):
        names = set(self.exported(mamba_checkpoint(self.directory), "f32"))
        weights = {"attn_norm", "ssm_in", "ssm_conv1d", "ssm_norm", "ssm_out"}
        weights |= {"ffn_norm", "ffn_gate", "ffn_up", "ffn_down"}
        others = {"blk.0.ssm_conv1d.bias", "blk.0.ssm_dt.bias", "blk.0.ssm_a", "blk.0.ssm_d"}
        outer = {"token_embd.weight", "output_norm.weight"}
        self.assertEqual(names, outer | others | {f"blk.0.{name}.weight" for name in weights})

    def test_rows_of_a_head_become_pairs_of_its_halves(self):
        rows = np.arange(8)[:, None]  # two heads of four
        self.assertEqual(gguf_export.interleaved(rows, 2)[:, 0].tolist(), [0, 2, 1, 3, 4, 6, 5, 7])

    def test_only_queries_and_keys_are_reordered(self):
        written = self.exported(moe_checkpoint(self.directory), "f32")
        self.assertEqual(written["blk.0.attn_k.weight"][:, 0].tolist(), [0, 16, 8, 24])
        self.assertEqual(written["blk.0.attn_v.weight"][:, 0].tolist(), [0, 8, 16, 24])

    def test_gate_is_the_upper_half_of_every_expert(self):
        written = self.exported(moe_checkpoint(self.directory), "f32")
        stored = np.arange(4 * 6 * 8, dtype=np.float32).reshape(4, 6, 8)
        np.testing.assert_array_equal(written["blk.0.ffn_gate_exps.weight"], stored[:, :3])
        np.testing.assert_array_equal(written["blk.0.ffn_up_exps.weight"], stored[:, 3:])

    def test_the_decay_is_stored_as_a_negative_number_and_in_columns(self):
        written = self.exported(mamba_checkpoint(self.directory), "bf16")
        np.testing.assert_allclose(written["blk.0.ssm_a"], -np.exp(np.arange(4.0))[:, None], rtol=1e-6)
        self.assertEqual(written["blk.0.ssm_d"].shape, (4, 1))
        self.assertEqual(written["blk.0.ssm_conv1d.weight"].shape, (22, 4))

    def test_bf16_keeps_the_bits_of_matrices_and_widens_what_kernels_take_as_float32(self):
        written = self.exported(moe_checkpoint(self.directory), "bf16")
        np.testing.assert_array_equal(written["token_embd.weight"], counting((11, 8)))
        for name in ("blk.0.attn_norm.weight", "blk.0.ffn_gate_inp.weight"):
            self.assertEqual(written[name].dtype, np.float32, name)
        self.assertEqual(written["blk.0.ffn_gate_inp.weight"][1, 2], 10.0)

    def test_the_norm_of_a_mamba_layer_has_a_row_for_each_group(self):
        for groups, shape in ((1, (1, 16)), (2, (2, 8))):
            checkpoint = mamba_checkpoint(self.directory, mamba_n_groups=groups)
            self.assertEqual(self.exported(checkpoint, "f32")["blk.0.ssm_norm.weight"].shape, shape)

    def test_mamba_layers_are_marked_by_having_no_key_value_heads(self):
        keys = gguf_export.metadata(mamba_checkpoint(self.directory))
        self.assertEqual(keys["attention.head_count_kv"], [0])
        self.assertIs(keys["rope.scaling.finetuned"], False)
        self.assertEqual((keys["feed_forward_length"], keys["ssm.inner_size"]), (5, 16))

    def test_experts_are_in_the_metadata(self):
        keys = gguf_export.metadata(moe_checkpoint(self.directory))
        self.assertEqual((keys["expert_count"], keys["expert_used_count"], keys["feed_forward_length"]), (4, 2, 3))
        self.assertIs(keys["rope.scaling.finetuned"], True)

    def test_what_gguf_has_no_words_for_is_refused_with_the_reason(self):
        cases = (
            (moe_checkpoint, {"rope_scaling": {"type": "longrope"}}, "rotary"),
            (moe_checkpoint, {"hidden_act": "gelu"}, "silu, not gelu"),
            (moe_checkpoint, {"architectures": ["GraniteMoeModel"]}, "head, none"),
            (mamba_checkpoint, {"mamba_expand": 3}, "mamba_expand"),
            (mamba_checkpoint, {"mamba_proj_bias": True}, "biases"),
            (mamba_checkpoint, {"time_step_limit": [0.0, 0.5]}, "clamp"),
            (mamba_checkpoint, {"layer_types": ["attention"], "num_local_experts": 4}, "always has a rotary"),
        )
        for make, changes, reason in cases:
            self.assertIn(reason, gguf_export.refusal(make(self.directory, **changes)))
        self.assertIsNone(gguf_export.refusal(moe_checkpoint(self.directory)))
        self.assertIsNone(gguf_export.refusal(mamba_checkpoint(self.directory)))

    def test_what_llama_cpp_computes_otherwise_is_said_and_can_be_written(self):
        phimoe = moe_checkpoint(self.directory, model_type="phimoe")
        self.assertIn("no sparsemixer", gguf_export.difference(phimoe))
        self.assertIsNone(gguf_export.refusal(phimoe))
        self.assertIsNone(gguf_export.difference(moe_checkpoint(self.directory)))
        self.assertIsNone(gguf_export.difference(mamba_checkpoint(self.directory)))

    def test_a_tensor_without_a_name_stops_the_export(self):
        with self.assertRaisesRegex(CannotError, "extra.weight: expected a tensor"):
            gguf_export.translate(moe_checkpoint(self.directory), "model.layers.0.extra.weight")
