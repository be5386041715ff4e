# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The command line: what it writes, and how it refuses."""
import json
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import h5py
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from golden.generate.model import embedded_checkpoint
from golden.generate.stored import read_sites
from golden.generate.tensor_file import read_checkpoint_headers, sha256_of
from tests.generate.support import ROOT, run_golden, run_in_process, stored

HYBRID = {
    "model_type": "granitemoehybrid", "hidden_size": 16, "num_hidden_layers": 2, "layer_types": ["mamba", "attention"],
    "num_attention_heads": 4, "num_key_value_heads": 2, "mamba_n_heads": 4, "mamba_d_head": 8, "mamba_d_state": 5,
    "intermediate_size": 8, "shared_intermediate_size": 6, "num_local_experts": 4, "num_experts_per_tok": 2,
    "vocab_size": 23, "torch_dtype": "bfloat16", "pad_token_id": 0,
}


class CommandLineTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.out = self.directory / "out.h5"

    def refuses_to_make(self, pattern, *arguments):
        self.refuses(pattern, "make", *arguments, "--out", self.out)

    def refuses(self, pattern, *arguments):
        status, output, errors = run_in_process(*arguments)
        self.assertEqual(status, 2, errors)
        self.assertEqual(output, "")
        self.assertRegex(errors, f"^error: .*{pattern}.*\n$")
        self.assertEqual(errors.count("\n"), 1, errors)

    def config(self, **changes):
        path = self.directory / "config.json"
        path.write_text(json.dumps(HYBRID | changes))
        return path

    def checkpoint(self):
        """A small one, made of the embedded weights of a --config golden."""
        golden = stored("granitemoe_prefill")
        with embedded_checkpoint(golden.config_text, golden.weights) as directory:
            return Path(shutil.copytree(directory, self.directory / "checkpoint"))

    def test_list_fits_eighty_columns_and_names_every_case(self):
        status, output, _ = run_in_process("list")
        self.assertEqual(status, 0)
        self.assertIn("granitemoehybrid_groups", output)
        self.assertLessEqual(max(map(len, output.splitlines())), 80)

    def test_a_refusal_is_one_line_on_standard_error_and_exit_status_2(self):
        for arguments in (("make", "--case", "nothing", "--out", self.out), ("check", "--only", "nothing"), ()):
            status, output, errors = run_golden(*arguments)
            self.assertEqual((status, output), (2, ""))
            self.assertRegex(errors, "^error: .*\n$")

    def test_an_unknown_case_is_refused(self):
        self.refuses_to_make("--case nothing: expected one of granitemoe_prefill", "--case", "nothing")

    def test_a_broken_config_is_refused(self):
        for changes, pattern in (
            ({"hidden_size": "wide"}, "Field 'hidden_size' expected int"),
            ({"model_type": "llama"}, "model_type: expected one of granitemoe"),
        ):
            self.refuses_to_make(pattern, "--config", self.config(**changes))

    def test_a_config_that_fails_in_the_forward_is_refused(self):
        self.refuses_to_make("call 0: expected a model", "--config", self.config(time_step_limit=None))

    def test_an_option_without_effect_is_refused(self):
        self.refuses_to_make("--decode: expected only with --checkpoint", "--config", "c", "--decode", "2")

    def test_ids_outside_the_vocabulary_are_refused(self):
        self.refuses_to_make("expected 0 to 30, found 31", "--checkpoint", self.checkpoint(), "--ids", "3,31")

    def test_a_prompt_without_a_tokenizer_is_refused(self):
        self.refuses_to_make("tokenizer.json, found none", "--checkpoint", self.checkpoint(), "--prompt", "a")

    def test_a_prompt_is_tokenised_by_the_checkpoint(self):
        checkpoint = self.checkpoint()
        words = Tokenizer(WordLevel({"proof": 7, "of": 4, "pudding": 19}, unk_token="of"))
        words.pre_tokenizer = Whitespace()
        words.save(str(checkpoint / "tokenizer.json"))
        arguments = ("--checkpoint", checkpoint, "--prompt", "pudding of proof", "--no-truth")
        self.assertEqual(run_in_process("make", *arguments, "--out", self.out)[0], 0)
        with h5py.File(self.out) as file:
            self.assertEqual(file["calls/000/inputs/input_ids"][...].tolist(), [[19, 4, 7]])
        self.refuses_to_make("expected at least one token", "--checkpoint", checkpoint, "--prompt", "")

    def test_a_model_that_does_not_fit_is_refused_before_it_is_loaded(self):
        with mock.patch("golden.generate.memory.available_bytes", return_value=1_000_000_000):
            arguments = ("--checkpoint", self.checkpoint(), "--ids", "1")
            self.refuses_to_make("memory: expected 1.5 GB for the float64 run .* found 1.0 GB .*--no-truth", *arguments)

    def test_a_checkpoint_without_weights_is_refused(self):
        checkpoint = self.checkpoint()
        (checkpoint / "model.safetensors").unlink()
        self.refuses_to_make("weights file model.safetensors, found none", "--checkpoint", checkpoint, "--ids", "1")

    def test_truncated_weights_are_refused(self):
        weights = self.checkpoint() / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-64])
        self.refuses_to_make("checkpoint: expected", "--checkpoint", weights.parent, "--ids", "1")

    def test_an_unwritable_output_leaves_an_existing_file_alone(self):
        self.out.mkdir()
        self.refuses_to_make("expected a file, found a directory", "--case", "phimoe_bias")
        kept = self.directory / "kept"
        kept.write_text("precious")
        case = ("make", "--case", "phimoe_bias", "--out")
        self.refuses("kept/out.h5: expected to be able to write", *case, kept / "out.h5")
        self.refuses("Field", "make", "--config", self.config(vocab_size=1.5), "--out", kept)
        self.assertEqual(kept.read_text(), "precious")

    def test_a_config_becomes_a_golden_of_three_calls(self):
        status, output, errors = run_in_process(
            "make", "--config", self.config(), "--tokens", "5", "--batch", "3", "--seed", "4", "--out", self.out
        )
        self.assertEqual((status, errors), (0, ""))
        with h5py.File(self.out) as file:
            shapes = [file[f"calls/{call:03d}/inputs/input_ids"].shape for call in range(3)]
            self.assertEqual(file["weights/model.norm.weight"].attrs["logical_dtype"], b"bfloat16")
        self.assertEqual(shapes, [(3, 5), (3, 1), (3, 3)])

    def test_a_hybrid_without_attention_makes_one_call_without_a_cache(self):
        path = self.config(layer_types=["mamba", "mamba"])
        self.assertEqual(run_in_process("make", "--config", path, "--out", self.out)[0], 0)
        with h5py.File(self.out) as file:
            self.assertEqual([call.attrs["use_cache"] for call in file["calls"].values()], [0])

    def test_a_checkpoint_golden_refers_to_its_weights_and_decodes_greedily(self):
        checkpoint = self.checkpoint()
        prompt = ("--ids", "5,9,2", "--decode", "2")
        status, _, errors = run_in_process("make", "--checkpoint", checkpoint, *prompt, "--out", self.out)
        self.assertEqual((status, errors), (0, ""))
        with h5py.File(self.out) as file:
            self.assertEqual(file["config"][...].tobytes().decode(), (checkpoint / "config.json").read_text())
            record = json.loads(file["checkpoint"][...].tobytes())
            calls = [file["calls"][name] for name in sorted(file["calls"])]
            self.assertEqual([int(call.attrs["continues"]) for call in calls], [-1, 0, 1])
            for before, call in zip(calls, calls[1:]):
                self.assertEqual(call["inputs/input_ids"][0, 0], read_sites(before["hf32"])["logits"][0, -1].argmax())
        self.assertEqual(record["path"], str(checkpoint.resolve()))
        recorded = {name: entry["sha256"] for name, entry in record["tensors"].items()}
        on_disk = {name: sha256_of(tensor) for name, tensor in read_checkpoint_headers(checkpoint).items()}
        self.assertEqual(recorded, on_disk)

    def test_without_truth_only_float32_is_written(self):
        arguments = ("--checkpoint", self.checkpoint(), "--ids", "1,2", "--no-truth")
        status, output, _ = run_in_process("make", *arguments, "--out", self.out)
        self.assertEqual(status, 0)
        self.assertIn("without truth", output)
        with h5py.File(self.out) as file:
            self.assertEqual(set(file["calls/000"]), {"inputs", "hf32", "null"})

    def test_a_made_checkpoint_loads_and_is_not_overwritten_with_foreign_files(self):
        out = self.directory / "granite"
        arguments = ["checkpoint", "--like", "granite-4.0-350m", "--layers", "1", "--out", str(out)]
        self.assertEqual(run_in_process(*arguments)[0], 0)
        fields = json.loads((out / "config.json").read_text())
        self.assertEqual((fields["torch_dtype"], fields["layer_types"]), ("bfloat16", ["attention"]))
        index = json.loads((out / "model.safetensors.index.json").read_text())
        self.assertEqual(set(index["weight_map"]), set(read_checkpoint_headers(out)))
        self.assertEqual(run_in_process("make", "--checkpoint", out, "--ids", "7,8,9", "--out", self.out)[0], 0)
        self.assertEqual(run_in_process(*arguments)[0], 0)  # one of ours may be made again
        foreign = self.directory / "foreign"
        foreign.mkdir()
        (foreign / "notes.txt").write_text("mine")
        self.refuses("found files; --force", "checkpoint", "--like", "granite-4.0-350m", "--out", foreign)

    def test_without_an_environment_the_script_says_what_to_do(self):
        (self.directory / "script").mkdir()
        script = Path(shutil.copy(ROOT / "script" / "golden", self.directory / "script"))
        done = subprocess.run([script, "list"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertRegex(done.stderr, "^error: .*run script/setup first\n$")


if __name__ == "__main__":
    unittest.main()
