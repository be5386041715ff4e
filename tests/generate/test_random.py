# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Random cases, the coverage table, and many goldens at once."""
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np

from golden.generate.cases import CASES, ROOMS
from golden.generate.coverage import RUNS
from golden.generate.features import FEATURES, NAMES
from golden.generate.plans import Generate
from golden.generate.random_cases import draw_case
from tests.generate.support import run_in_process


class RandomTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def test_a_seed_gives_the_same_case_again(self):
        for seed in range(20):
            self.assertEqual(draw_case(seed, 0), draw_case(seed, 0))
        self.assertNotEqual(draw_case(3, 0), draw_case(4, 0))
        self.assertNotEqual(draw_case(3, 0), draw_case(3, 1))

    def test_many_seeds_combine_all_kinds(self):
        cases = [draw_case(seed, 0) for seed in range(300)]
        self.assertEqual({case.model_type for case in cases}, {case.model_type for case in CASES.values()})
        ropes = {case.config.get("rope_parameters", {}).get("rope_type") for case in cases}
        self.assertLessEqual({"linear", "dynamic", "yarn", "longrope", "llama3", "proportional"}, ropes)
        self.assertTrue(any(isinstance(case.prompt, Generate) for case in cases))
        prompts = [prompt for case in cases for prompt in case.prompts]
        for field in ("left_pads", "right_pads", "positions", "seq_idx", "embeds", "given_cache", "labels", "outputs",
                      "logits_to_keep", "logits_positions", "short_mask"):
            self.assertTrue(any(getattr(prompt, field) for prompt in prompts), field)

    def test_a_case_made_alone_is_the_one_made_among_others(self):
        status, output, errors = run_in_process("random", "--count", "2", "--seed", "6", "--out", self.directory / "a")
        self.assertEqual((status, errors), (0, ""))
        self.assertRegex(output, "random_6.*\n.*random_7")
        self.assertEqual(run_in_process("random", "--seed", "7", "--count", "1", "--out", self.directory / "b")[0], 0)
        first, second = (self.directory / name / "random_7.h5" for name in "ab")
        self.assertEqual(first.read_bytes(), second.read_bytes())

    def test_what_cannot_be_made_is_named_after_all_others(self):
        from golden.generate import make, random_cases

        with mock.patch.object(make, "LEAST_COMMITTED_MARGIN", np.inf), mock.patch.multiple(
            random_cases, WEIGHT_SEEDS=1, CONFIGS=1
        ):
            status, output, errors = run_in_process(
                "random", "--count", "2", "--seed", "8", "--out", self.directory, "--jobs", "1"
            )
        self.assertEqual(status, 2)
        self.assertRegex(output, "^failed  random_8: .*\nfailed  random_9: ")
        self.assertRegex(errors, "^error: 2 of 2 goldens: expected to be made, found random_8: .*\n$")


class CoverageTest(unittest.TestCase):
    def test_every_feature_has_a_committed_case_or_is_plain(self):
        shown = {name for case in CASES.values() if case.committed for name in case.covers}
        missing = {feature.name for feature in FEATURES} - shown
        self.assertLessEqual(missing, {"mask_of_ones"})  # an absent mask, said otherwise

    def test_names_of_features_and_of_cases_are_unique(self):
        self.assertEqual(len(NAMES), len(FEATURES))
        self.assertEqual(len(CASES), sum(len(room.CASES) for room in ROOMS))

    def test_the_table_has_a_row_for_every_cell(self):
        status, output, errors = run_in_process("coverage")
        self.assertEqual((status, errors), (0, ""))
        rows = [line for line in output.splitlines() if line.startswith("|") and " | - |" not in line]
        cells = sum(len(feature.architectures) for feature in FEATURES)
        heads = 2 * len({feature.group for feature in FEATURES})
        self.assertEqual(len(rows), cells + heads)

    def test_a_verdict_is_pass_only_if_every_run_of_every_case_passes(self):
        with tempfile.TemporaryDirectory() as directory:
            report = Path(directory, "report.json")

            def verdicts(change):
                results = [
                    {"case": name, "engine": engine, "precision": precision, "mode": "free",
                     "verdict": change.get((name, engine), "PASS")}
                    for name in CASES for engine, precision in RUNS
                ]
                report.write_text(json.dumps({"results": results}))
                return run_in_process("coverage", "--verdicts", report)

            status, output, _ = verdicts({})
            self.assertEqual(status, 0)
            self.assertIn("| granitemoe_embeds | PASS |", output)
            status, output, errors = verdicts({("granitemoe_embeds", "optimized"): "FAIL"})
            self.assertEqual(status, 1)
            self.assertIn("| granitemoe_embeds | FAIL |", output)
            self.assertRegex(errors, "found others for inputs_embeds of granitemoe")
            report.write_text("{}")
            self.assertEqual(run_in_process("coverage", "--verdicts", report)[0], 2)

    def test_a_cell_without_a_case_fails(self):
        without = {name: case for name, case in CASES.items() if "masked_row" not in case.covers}
        with mock.patch("golden.generate.coverage.CASES", without):
            status, _, errors = run_in_process("coverage")
        self.assertEqual(status, 1)
        self.assertRegex(errors, "expected a case in every cell, found none for masked_row of granitemoe,")


if __name__ == "__main__":
    unittest.main()
