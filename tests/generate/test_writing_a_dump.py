# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The recipe of golden/FORMAT.md, Writing a dump: its code runs as it stands, and assay diff judges what it writes."""
import contextlib
import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import h5py
import numpy as np

from golden.generate.model import embedded_checkpoint
from tests.generate.support import DATA, ROOT, stored

PROGRAMS = [ROOT / "build" / preset / "bin" / "assay" for preset in ("release", "dev")]


def recipe():
    """The Python of the section, block by block."""
    text = (ROOT / "golden" / "FORMAT.md").read_text()
    section = text[text.index("\n## Writing a dump\n") :]
    return re.findall(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def recorded_calls(path):
    """The float32 values of transformers, as if they came from another engine: pairs of inputs and sites a call."""
    calls = []
    with h5py.File(path) as file:
        for call in file["calls"].values():
            values = {}
            call["hf32"].visititems(
                lambda name, item: values.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None
            )
            inputs = {name: item[()] for name, item in call["inputs"].items()}
            calls.append((inputs, {name: array for name, array in values.items() if "router_margin" not in name}))
    return calls


def run_diff(*arguments):
    built = [program for program in PROGRAMS if program.exists()]
    assert built, f"expected the program as one of {', '.join(map(str, PROGRAMS))}, found none: script/build"
    program = max(built, key=lambda path: path.stat().st_mtime)
    done = subprocess.run([program, "diff", *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


class WritingADumpTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def follow(self, name, change=lambda calls: None):
        """Runs every block of the recipe in a folder with the model."""
        golden = stored(name)
        calls = recorded_calls(DATA / f"{name}.h5")
        change(calls)
        scope = {"calls": calls, "model_type": json.loads(golden.config_text)["model_type"]}
        with embedded_checkpoint(golden.config_text, golden.weights) as checkpoint, contextlib.chdir(self.directory):
            if not Path("model").exists():
                os.symlink(checkpoint, "model")
            for block in recipe():
                exec(compile(block, "golden/FORMAT.md", "exec"), scope)
            os.unlink("model")

    def judge(self, name, file):
        status, output, errors = run_diff(DATA / f"{name}.h5", self.directory / file, "--json", "-")
        return status, (json.loads(output)["results"][0] if output else {}), errors

    def test_has_code_for_the_hash_and_both_formats(self):
        self.assertEqual(len(recipe()), 3)

    def test_what_it_writes_holds_and_nothing_is_left_unsaid(self):
        for name in ("granitemoe_cache", "granitemoehybrid_cache", "phimoe_cache"):
            self.follow(name)
            for file in ("mine.h5", "mine.safetensors"):
                status, result, errors = self.judge(name, file)
                self.assertEqual((status, result["verdict"], errors), (0, "PASS", ""), name)
                self.assertEqual((result["notes"], result["not_in_dump"]), ([], []))
                self.assertEqual((result["engine"], result["precision"]), ("my engine 0.1", "f32"))

    def test_one_wrong_number_is_found_in_both(self):
        def change(calls):
            calls[1][1]["layers/001/moe_out"][0, 0, 3] += 0.5

        self.follow("granitemoe_cache", change)
        for file in ("mine.h5", "mine.safetensors"):
            status, result, _ = self.judge("granitemoe_cache", file)
            self.assertEqual(status, 1)
            found = result["first_divergence"]
            self.assertEqual((found["call"], found["layer"], found["site"]), (1, 1, "moe_out"))
            self.assertEqual(found["index"], [0, 0, 3])

    def test_the_weights_of_another_model_are_not_compared(self):
        self.follow("granitemoe_prefill")
        status, result, errors = self.judge("granitemoe_left_pad", "mine.h5")
        self.assertEqual((status, result["verdict"]), (3, "STALE"))
        self.assertIn("weights_sha256: expected", errors)

    def test_integers_of_other_widths_are_integers(self):
        def change(calls):
            inputs, values = calls[0]
            inputs["input_ids"] = inputs["input_ids"].astype(np.int32)
            for name in [name for name in values if name.endswith("router_experts")]:
                values[name] = values[name].astype(np.int32)

        self.follow("granitemoe_prefill", change)
        for file in ("mine.h5", "mine.safetensors"):
            self.assertEqual(self.judge("granitemoe_prefill", file)[0], 0)
