# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""script/peers: how it refuses, and a whole run with made-up programs."""
import json
import os
import signal
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from bench.peers import peers
from golden.generate.adapters.checkpoint import open_checkpoint
from tests.generate.small_checkpoints import moe_checkpoint
from tests.peers.support import run_in_process

ROOFS = "#!/bin/sh\necho '{\"microkernel_gflops\": 100.0, \"read_gb_per_s\": 20.0}'\n"
RUN = """#!/bin/sh
case "$*" in
  *bf16*) echo 'error: --weights: expected f32, found bf16' >&2; exit 2 ;;
  *) echo '{"prefill_tokens_per_s": 50.0, "decode_tokens_per_s": 5.0, "load_seconds": 0.25,
  "peak_rss_bytes": 1000000000,
  "rows": [{"ids": [1, 2]}]}' ;;
esac
"""


class CommandLineTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        moe_checkpoint(self.directory)
        self.program("roofs", ROOFS)
        patch = mock.patch.object(peers, "build_directory", lambda: self.directory)
        patch.start()
        self.addCleanup(signal.signal, signal.SIGTERM, signal.getsignal(signal.SIGTERM))
        self.addCleanup(patch.stop)

    def program(self, name, text):
        path = self.directory / name
        path.write_text(text)
        path.chmod(0o755)

    def refuses(self, pattern, *arguments):
        status, output, errors = run_in_process(*arguments)
        self.assertEqual((status, output), (2, ""), errors)
        self.assertRegex(errors, f"^error: .*{pattern}.*\n$")
        self.assertEqual(errors.count("\n"), 1, errors)

    def test_it_refuses_options_that_make_no_sense(self):
        self.refuses("one of the arguments --checkpoint --like is required")
        self.refuses("expected a whole number above 0, found '0'", "--checkpoint", self.directory, "--rounds", "0")
        self.refuses("--layers: expected only with --like", "--checkpoint", self.directory, "--layers", "2")
        self.refuses("found 'torch'", "--checkpoint", self.directory, "--only", "torch")
        self.refuses("/no/python: expected a Python", "--checkpoint", self.directory, "--llama-python", "/no/python")
        self.refuses("--prompt and --decode: expected at most 64", "--checkpoint", self.directory, "--prompt", "64")
        self.refuses("/no/where/a.json", "--checkpoint", self.directory, "--json", "/no/where/a.json")

    def test_it_refuses_what_is_no_checkpoint(self):
        self.refuses("/no/such/config.json: expected the config", "--checkpoint", "/no/such")
        (self.directory / "config.json").write_text('{"model_type": "gpt2"}')
        self.refuses("model_type: expected one of granitemoe.*found 'gpt2'", "--checkpoint", self.directory)
        (self.directory / "config.json").write_text('{"model_type": "granitemoe"}')
        self.refuses("hidden_size: expected a whole number, found None", "--checkpoint", self.directory)

    def test_it_refuses_a_shape_that_it_does_not_know(self):
        self.refuses("--like no-model: expected one of", "--like", "no-model")

    def test_it_refuses_without_the_program_for_the_roofs(self):
        self.program("roofs", "#!/bin/sh\necho nothing\n")
        self.refuses("expected the roofs as JSON", *self.only_assay())
        self.program("roofs", "#!/bin/sh\nkill -SEGV $$\n")
        self.refuses("expected the roofs, found: ended by SIGSEGV", *self.only_assay())
        (self.directory / "roofs").unlink()
        self.refuses("expected the program that measures the roofs", *self.only_assay())

    def only_assay(self):
        return "--checkpoint", self.directory, "--only", "assay", "--prompt", "16", "--decode", "4"

    def test_a_row_says_that_a_program_is_not_built(self):
        status, output, _ = run_in_process(*self.only_assay())
        self.assertEqual(status, 0)
        self.assertRegex(output, r"assay +bf16 +- not built")

    def test_a_row_says_that_llama_cpp_is_not_installed(self):
        with mock.patch.object(peers, "find_llama_python", lambda given: None):
            status, output, _ = run_in_process("--checkpoint", self.directory, "--only", "llama", "--prompt", "8")
        self.assertEqual(status, 0)
        self.assertRegex(output, r"llama.cpp +f32 +- not installed")

    def test_a_run_prints_the_figures_of_one_and_the_error_of_the_other(self):
        self.program("assay", RUN)
        out = self.directory / "out.json"
        status, output, errors = run_in_process(*self.only_assay(), "--rounds", "2", "--json", out)
        self.assertEqual((status, errors), (0, ""))
        self.assertRegex(output, r"assay +f32 +50\.0 ±0% +5\.0 ±0% +0\.2 +1\.00")
        self.assertRegex(output, r"assay +bf16 +- --weights: expected f32, found bf16")
        values = json.loads(out.read_text())
        self.assertEqual([len(row["runs"]) for row in values["rows"]], [2, 0])
        self.assertEqual(len(values["roofs"]["gflops"]), 3)

    def test_ending_it_leaves_no_files_behind(self):
        self.program("assay", "#!/bin/sh\nkill -TERM $PPID\nexec sleep 5\n")
        with mock.patch.object(tempfile, "tempdir", str(self.directory)):
            status, output, errors = run_in_process(*self.only_assay())
        self.assertEqual((status, output, errors), (2, "", "error: ended by SIGTERM\n"))
        self.assertEqual(list(self.directory.glob("assay-peers-*")), [])

    def test_what_does_not_fit_into_memory_is_not_tried(self):
        task = peers.Task([1] * 16, 4, 1, self.directory)
        checkpoint = open_checkpoint(self.directory)
        for available, tried in ((1_000_000, 3), (10_000, 2), (1_000, 0)):
            with mock.patch.object(peers, "available_bytes", lambda: available):
                reasons = [peer.reason for peer in peers.transformers_peers(checkpoint, task, "f32")]
            self.assertEqual(reasons.count(None), tried, reasons)
        self.assertRegex(reasons[0], "^needs 0.0 GB, of 0.0 available$")
        self.assertRegex(reasons[2], "it copies the experts of every token")

    def test_a_gguf_file_is_written_once_and_again_after_the_checkpoint_changed(self):
        checkpoint, written = open_checkpoint(self.directory), []

        def export(command):
            written.append(command[-1])
            Path(command[-1]).touch()

        with mock.patch.object(peers.processes, "run", export):
            path = peers.gguf_file(checkpoint, sys.executable, self.directory, "bf16")
            os.utime(path, (2**31, 2**31))
            peers.gguf_file(checkpoint, sys.executable, self.directory, "bf16")
            os.utime(path, (1, 1))
            peers.gguf_file(checkpoint, sys.executable, self.directory, "bf16")
        self.assertEqual(written, [str(path)] * 2)

    def test_a_python_that_is_given_is_taken(self):
        self.assertEqual(peers.find_llama_python(sys.executable), sys.executable)
