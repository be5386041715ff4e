# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""record-transformers: what a dump of it holds, in which settings, and what it refuses."""
import functools
import hashlib
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import h5py
import numpy as np
import torch
from torch._dynamo.utils import counters

from golden.generate.adapters.dump import Dump, write_dump
from golden.generate.adapters.task import read_task
from golden.generate.adapters.transformers_setting import Setting, record_setting
from golden.generate.errors import CannotError
from golden.generate.make import make_checkpoint_golden
from golden.generate.model import embedded_checkpoint, read_config
from golden.generate.record import run_calls
from golden.generate.sites import layout_of, site_name
from golden.generate.stored import read_array, read_sites
from tests.generate.support import DATA, model_of, run_in_process, stored

FUSED = {"attn_visible", "attn_scores", "attn_probs"}


class RecordTransformersTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.out = self.directory / "dump.h5"

    def recorded(self, name, **setting):
        """Values of each call, and the attributes of the root."""
        record_setting(DATA / f"{name}.h5", self.out, Setting(**setting))
        with h5py.File(self.out) as file:
            calls = [read_sites(file["calls"][number]["actual"]) for number in sorted(file["calls"])]
            return calls, {name: text(value) for name, value in file.attrs.items()}

    def assert_near_truth(self, name, calls, limit):
        for expected, found in zip(stored(name).truth, calls):
            for path, array in found.items():
                apart = np.linalg.norm(array.astype(np.float64) - expected[path])
                self.assertLessEqual(apart, limit * max(np.linalg.norm(expected[path]), 1e-9), path)

    def test_the_setting_of_the_golden_gives_the_bits_of_the_golden(self):
        """Made here: another processor may round otherwise than the one that made the committed file."""
        for name in ("granitemoehybrid_cache", "phimoe_bare"):
            golden = stored(name)
            model = model_of(golden)
            values = run_calls(model, layout_of(model.config), golden.calls)[0]
            for recorded, again, found in zip(golden.hf32, values, self.recorded(name)[0]):
                self.assertEqual(recorded.keys(), found.keys())
                for path, array in found.items():
                    np.testing.assert_array_equal(again[path], array, path)

    def test_a_dump_says_what_ran_and_on_what(self):
        _, attributes = self.recorded("granitemoe_cache", attention="sdpa", experts="batched_mm", threads=2)
        self.addCleanup(torch.set_num_threads, 1)
        expected = {
            "schema": "assay.golden", "kind": "dump", "case": "granitemoe_cache", "model_type": "granitemoe",
            "weights": "none", "engine": "transformers 5.23.0 sdpa batched_mm", "precision": "f32", "threads": 2,
            "engine_weights": "f32", "not_provided": "attn_probs, attn_scores, attn_visible",
        }
        self.assertEqual({name: attributes[name] for name in expected}, expected)
        lines = [
            f"{name} {dtype} [{', '.join(map(str, array.shape))}] {hashlib.sha256(array.tobytes()).hexdigest()}\n"
            for name, (dtype, array) in sorted(stored("granitemoe_cache").weights.items())
        ]
        self.assertEqual(attributes["weights_sha256"], hashlib.sha256("".join(lines).encode()).hexdigest())
        with h5py.File(self.out) as file, h5py.File(DATA / "granitemoe_cache.h5") as golden:
            self.assertEqual(bytes(read_array(file["config"])), bytes(read_array(golden["config"])))
            self.assertEqual(dict(file["calls/003"].attrs), dict(golden["calls/003"].attrs))
            ids = [item["calls/003/inputs/input_ids"][...] for item in (file, golden)]
            np.testing.assert_array_equal(*ids)

    def test_fused_attention_and_grouped_experts_show_all_but_what_they_fuse(self):
        name = "granitemoehybrid_attention_only"
        calls, _ = self.recorded(name, attention="sdpa", experts="grouped_mm")
        expected = {path for path in stored(name).hf32[0] if site_name(path) not in FUSED}
        self.assertEqual(set(calls[0]), expected)
        self.assert_near_truth(name, calls, 1e-5)

    def test_batched_experts_stand_in_the_slots_of_the_router(self):
        calls, _ = self.recorded("phimoe_cache", experts="batched_mm")
        self.assertIn("layers/001/expert_act", calls[0].keys())
        self.assert_near_truth("phimoe_cache", calls, 1e-5)

    def test_bfloat16_is_computed_and_written_widened(self):
        calls, attributes = self.recorded("granitemoe_mqa", dtype="bfloat16")
        self.assertEqual((attributes["precision"], attributes["engine_weights"]), ("bf16", "bf16"))
        logits = calls[0]["logits"]
        self.assertEqual(logits.dtype, np.float32)
        self.assertFalse((logits.view(np.uint32) & 0xFFFF).any())
        self.assert_near_truth("granitemoe_mqa", [{"logits": logits}], 0.1)

    def test_a_compiled_model_is_one_graph_that_shows_its_modules(self):
        """With the compiler's own interpreter in place of its code generator, which takes minutes."""
        name = "granitemoehybrid_cache"
        eager, _ = self.recorded(name, experts="batched_mm")
        counters.clear()
        with mock.patch.object(torch, "compile", functools.partial(torch.compile, backend="eager")):
            compiled, attributes = self.recorded(name, experts="batched_mm", compile=True)
        self.assertFalse(counters["graph_break"], dict(counters["graph_break"]))
        self.assertEqual(attributes["engine"], "transformers 5.23.0 eager batched_mm compile")
        absent = {"attn_scores", "ssm_dt", "expert_gate_up", "expert_act", "expert_out"}
        for expected, found in zip(eager, compiled):
            self.assertEqual({path for path in expected if site_name(path) not in absent}, set(found))
            for path, array in found.items():
                np.testing.assert_array_equal(expected[path], array, path)

    def test_a_checkpoint_that_changed_is_refused(self):
        golden = stored("granitemoe_tied")
        with embedded_checkpoint(golden.config_text, golden.weights) as checkpoint:
            make_checkpoint_golden(self.directory / "golden.h5", checkpoint, [1, 2, 3], 0, with_truth=True)
            record_setting(self.directory / "golden.h5", self.out, Setting())
            file = Path(checkpoint, "model.safetensors")
            data = bytearray(file.read_bytes())
            data[-1] ^= 1
            file.write_bytes(data)
            with self.assertRaisesRegex(CannotError, "expected the sha256 [0-9a-f]{64} of .*golden.h5, found another"):
                record_setting(self.directory / "golden.h5", self.out, Setting())

    def test_the_command_prints_what_it_wrote_and_refuses_in_one_line(self):
        golden = DATA / "granitemoe_tied.h5"
        status, output, _ = run_in_process("record-transformers", golden, "--attention", "sdpa", "--out", self.out)
        self.assertEqual(status, 0)
        self.assertRegex(output, r"dump.h5: [\d,]+ bytes, 1 calls, \d+ sites of transformers 5.23.0 sdpa eager\n")
        self.assertIn("not provided: attn_probs, attn_scores, attn_visible\n", output)
        (self.directory / "text.h5").write_text("text")
        for arguments, message in (
            ((DATA / "phimoe_generate_greedy.h5",), "expected calls to repeat, found none"),
            ((self.out,), "expected the schema assay.golden and the kind golden, found assay.golden, dump"),
            ((self.directory / "text.h5",), "expected a golden, found"),
            ((golden, "--threads", "0"), "expected 1 to 1024, found '0'"),
            ((golden, "--attention", "flash_attention_2"), "found: .*[Ff]lash"),
        ):
            other = self.directory / "other.h5"
            status, output, errors = run_in_process("record-transformers", *arguments, "--out", other)
            self.assertEqual((status, output), (2, ""), errors)
            self.assertRegex(errors, f"^error: .*{message}.*\n$")
            self.assertFalse(other.exists())

    def test_values_that_are_not_the_sites_of_the_call_are_not_written(self):
        task = read_task(DATA / "granitemoe_tied.h5")
        layout = layout_of(read_config(task.config_text, "config"))
        complete = dict(stored("granitemoe_tied").hf32[0])
        for change, message in (
            ({"logits": None}, "missing .'logits'., extra .."), ({"logit": np.ones(1)}, "missing .., extra .'logit'."),
            ({"logits": complete["logits"][:, 1:]}, "logits: expected .* found"),
        ):
            values = {name: array for name, array in (complete | change).items() if array is not None}
            dump = Dump("mine", "f32", {}, task.calls, [values])
            with self.assertRaisesRegex(CannotError, f"mine call 0.*{message}"):
                write_dump(self.out, task, layout, dump)
            self.assertFalse(self.out.exists())


def text(value):
    return value.decode() if isinstance(value, bytes) else value


if __name__ == "__main__":
    unittest.main()
