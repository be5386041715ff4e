# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Goldens of transformers 4.56.2: which are those of 5.23.0, which are not, and what is refused."""
import fnmatch
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import h5py

from golden.generate import runtime
from golden.generate.cases import CASES
from golden.generate.compare import compare
from golden.generate.errors import CannotError, DiffersError
from golden.generate.make import make_case
from golden.generate.versions import OF_4_56_2
from tests.generate.older_cases import CANNOT, COMMITTED, DIFFERS, EQUAL
from tests.generate.support import DATA, ROOT, run_golden, run_in_process

SECOND = ROOT / ".venv-4.56.2" / "bin" / "python"
ABSENT = "no .venv-4.56.2 here: script/setup --transformers 4.56.2 makes it"
# Case -> where the first difference shows.
FIRST_DIFFERENCE = {
    "groups": "call 0 truth layers/000/gated_norm_out", "one_padded_row": "call 0 truth layers/000/in_proj",
    "packed_positions": "call 0 truth layers/000/attn_visible", "longrope_beyond": "call 2 truth rope_inv_freq",
    "granitemoeshared_generate_sample_all": "sequences: expected the same integers",
    "phimoe_dynamic": "call 2 truth rope_inv_freq", "other_factor": "call 0 truth rope_cos",
}
REFUSALS = {
    "head_size": "head_dim: expected hidden_size / num_attention_heads = 4, .*found 6",
    "time_step_limit": "time_step_limit: expected 0 to infinity, .*found",
    "proportional": "expected a configuration transformers accepts, found: .*proportional",
    "continuation": "calls 1: expected one token after a cache, found 2",
    "window_with_cache": "calls 1: expected at most sliding_window - 1 = 2 cached tokens, found 4",
    "far_positions": "calls 0 position_ids: expected below 7, .*found 9",
}


def make_again_by_4_56_2(newer, older):
    """case -> None, or the message of a refusal; one process for all."""
    command = [SECOND, "-m", "tests.generate.older_cases", newer, older]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    if done.returncode:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


@unittest.skipUnless(SECOND.exists(), ABSENT)
class OlderGoldensTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.newer, cls.older = (
            Path(cls.enterClassContext(tempfile.TemporaryDirectory())) for _ in ("by 5.23.0", "by 4.56.2")
        )
        for case in EQUAL + DIFFERS + CANNOT:
            make_case(case, cls.newer / f"{case.name}.h5")
        for name in COMMITTED:
            shutil.copy(DATA / f"{name}.h5", cls.newer)
        cls.outcomes = make_again_by_4_56_2(cls.newer, cls.older)

    def golden(self, name):
        self.assertIsNone(self.outcomes[name])
        return self.older / f"{name}.h5"

    def compare(self, name):
        return compare(self.newer / f"{name}.h5", self.golden(name))

    def test_what_both_versions_compute_alike_is_equal_to_1e_12(self):
        for name in [*COMMITTED, *(case.name for case in EQUAL)]:
            with self.subTest(name):
                self.assertRegex(self.compare(name), "^equal")

    def test_what_the_versions_compute_differently_differs_at_the_site_of_its_cause(self):
        for case in DIFFERS:
            with self.subTest(case.name), self.assertRaisesRegex(DiffersError, FIRST_DIFFERENCE[case.name]):
                self.compare(case.name)

    def test_what_4_56_2_would_ignore_or_compute_wrongly_is_refused_by_name(self):
        for case in CANNOT:
            with self.subTest(case.name):
                self.assertRegex(self.outcomes[case.name] or "", REFUSALS[case.name])

    def test_the_provenance_names_the_version_and_hashes_its_sources(self):
        with h5py.File(self.golden("phimoe_cache")) as older, h5py.File(DATA / "phimoe_cache.h5") as newer:
            said, other = (json.loads(file["provenance"][...].tobytes()) for file in (older, newer))
            config = json.loads(older["config"][...].tobytes())
        self.assertEqual(said["transformers"], "4.56.2")
        self.assertEqual(said["modeling_sources"].keys(), other["modeling_sources"].keys())
        for name, digest in said["modeling_sources"].items():
            self.assertNotEqual(digest, other["modeling_sources"][name])
        self.assertEqual(said["audit"]["float32_operations"], 0)
        self.assertIn("rope_theta", config)
        self.assertNotIn("rope_parameters", config)

    def test_a_golden_says_that_long_factors_are_used_beyond_the_original_length(self):
        for name, expected in (("longrope_beyond", b"hf4"), ("phimoe_cache", None)):
            with h5py.File(self.golden(name)) as file:
                self.assertEqual(file.attrs.get("phimoe_longrope"), expected)

    def test_script_golden_runs_in_the_environment_of_the_version(self):
        with tempfile.TemporaryDirectory() as directory:
            out = Path(directory, "out.h5")
            arguments = ("make", "--case", "phimoe_prefill", "--no-truth", "--transformers=4.56.2", "--out", out)
            done = subprocess.run([ROOT / "script" / "golden", *arguments], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            with h5py.File(out) as file:
                self.assertEqual(json.loads(file["provenance"][...].tobytes())["transformers"], "4.56.2")


class VersionTest(unittest.TestCase):
    def test_another_version_is_refused_with_the_list(self):
        for arguments in (("make", "--case", "phimoe_bias", "--out", "x"), ("check",)):
            status, output, errors = run_in_process(*arguments, "--transformers", "4.57.0")
            self.assertEqual((status, output), (2, ""))
            self.assertRegex(errors, "'4.57.0' .choose from '?5.23.0'?, '?4.56.2")

    def test_a_version_that_does_not_run_is_refused(self):
        with self.assertRaisesRegex(CannotError, "4.56.2: expected the Python of that version, found 5.23.0"):
            runtime.prepare("4.56.2")

    def test_every_verdict_is_of_a_case(self):
        for _, _, patterns in OF_4_56_2:
            for pattern in patterns:
                self.assertTrue(fnmatch.filter(CASES, pattern), pattern)

    def test_goldens_of_different_weights_or_inputs_are_not_compared(self):
        status, _, errors = run_golden("compare", DATA / "phimoe_cache.h5", DATA / "phimoe_prefill.h5")
        self.assertEqual(status, DiffersError.exit_status)
        self.assertRegex(errors, "^error: weights: expected the same tensors, found .*\n$")


if __name__ == "__main__":
    unittest.main()
