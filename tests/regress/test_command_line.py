# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""script/regress: how it refuses, and whole runs with made-up programs."""
import json
import os
import signal
from contextlib import ExitStack
from unittest import mock

from bench.regress import builds, code, comparison, disturbance, instructions, report, selftest
from tests.regress.support import FolderTest, run_in_process


class Built:
    """In the place of builds.Build."""

    def __init__(self, driver, commit):
        self.driver, self.commit, self.label, self.directory = driver, commit, f"{commit} a title", driver.parent


class RunTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.addCleanup(signal.signal, signal.SIGTERM, signal.getsignal(signal.SIGTERM))
        self.scope = self.enterContext(ExitStack())
        self.built = {"old": Built(self.driver("old/micro_driver"), "old")}
        self.patch(builds, "build_commit", lambda ref: self.built[ref])
        self.patch(builds, "build_working_tree", lambda: self.built["old"])
        self.patch(builds, "forget_old", lambda kept: None)
        self.patch(builds, "uncommitted", lambda: False)
        self.patch(report, "program", self.assay)
        self.patch(disturbance, "idlest_core", lambda: min(os.sched_getaffinity(0)))
        self.patch(comparison, "PAIRS_PER_LAUNCH", 6)
        self.patch(code, "hashes", lambda base, head, cases, chosen: self.codes)
        self.patch(instructions, "missing_tools", lambda: "no instruction counts: valgrind not installed")
        self.codes = ({}, {})

    def patch(self, where, name, value):
        self.scope.enter_context(mock.patch.object(where, name, value))


class CommandLineTest(RunTest):
    def head(self, **options):
        self.built["new"] = Built(self.driver("new/micro_driver", **options), "new")

    def compare(self, *arguments):
        """(status, stderr, base.json, head.json)"""
        kept = self.folder / "kept"
        status, output, errors = run_in_process("old", "new", "--pairs", "6", "--keep", kept, *arguments)
        self.assertEqual(output, "", errors)
        return status, errors, *(json.loads((kept / f"{side}.json").read_text()) for side in ("base", "head"))

    def refuses(self, pattern, *arguments):
        status, output, errors = run_in_process(*arguments)
        self.assertEqual((status, output), (2, ""), errors)
        self.assertRegex(errors, f"(^|\n)error: .*{pattern}.*\n$")

    def test_it_refuses_options_that_make_no_sense(self):
        self.refuses("BASE_REF: expected a commit to compare with, found none")
        self.refuses("expected an even number of at least 6, found '7'", "old", "--pairs", "7")
        self.refuses("expected an even number of at least 6, found '4'", "old", "--pairs", "4")
        self.refuses("expected a regular expression, found '\\('", "old", "--rows", "(")
        self.refuses("--dirty: expected no HEAD_REF beside it, found new", "old", "new", "--dirty")
        self.refuses("--quick: expected no --pairs beside it", "old", "--quick", "--pairs", "8")
        self.refuses("--repeat: expected only with --self-test", "old", "--repeat", "3")
        self.refuses("--self-test: expected no commit beside it, found old", "old", "--self-test")
        self.refuses("--html: expected only without --self-test", "--self-test", "--html", "a.html")
        self.refuses("unrecognized arguments: --fast", "old", "--fast")

    def test_it_refuses_files_that_it_could_not_write(self):
        self.head()
        self.refuses("/no/where/a.json: expected to be able to write", "old", "new", "--json", "/no/where/a.json")
        self.refuses("--keep /dev/null/x: expected a directory", "old", "new", "--keep", "/dev/null/x")

    def test_equal_programs_are_the_same(self):
        self.head()
        status, errors, base, head = self.compare()
        self.assertEqual(status, 0)
        self.assertIn("base: old a title\nhead: new a title\n", errors)
        self.assertIn("note: no instruction counts: valgrind not installed\n", errors)
        self.assertIn("note: 2 rows measured, 6 pairs each in 1 launches", errors)
        self.assertEqual(len(head["assay"]["rows"][0]["real_seconds"]), 18)
        self.assertEqual(len(base["assay"]["rows"][0]["control"]["real_seconds"]), 18)
        self.assertEqual(base["assay"]["settings"]["samples_per_pair"], "3")

    def test_a_slower_row_is_measured_again_twice_as_often(self):
        self.head(times={"router": 1100.0, "norm": 2000.0})
        status, _, base, head = self.compare()
        self.assertEqual(status, 1)
        again = json.loads((self.folder / "kept" / "again-head.json").read_text())
        self.assertEqual([row["name"] for row in again["assay"]["rows"]], ["router"])
        self.assertEqual(len(again["assay"]["rows"][0]["real_seconds"]), 36)
        self.assertNotEqual(again["assay"]["pairing"], head["assay"]["pairing"])

    def test_an_inconclusive_row_is_measured_with_twice_the_pairs(self):
        self.head(times={"router": 1030.0, "norm": 2000.0})
        status, errors, base, head = self.compare()
        self.assertEqual(status, 4)
        self.assertIn("note: 1 inconclusive, measured longer: 12 pairs\n", errors)
        for document in (base, head):
            self.assertEqual([len(row["real_seconds"]) for row in document["assay"]["rows"]], [36, 18])
        self.assertFalse((self.folder / "kept" / "again-head.json").exists())

    def test_rows_of_equal_code_are_not_measured_unless_asked_for(self):
        self.head()
        self.codes = ({"router": "aa", "norm": "bb"}, {"router": "cc", "norm": "bb"})
        _, _, base, _ = self.compare()
        self.assertEqual([len(row["real_seconds"]) for row in base["assay"]["rows"]], [18, 0])
        _, _, base, _ = self.compare("--measure-all")
        self.assertEqual([len(row["real_seconds"]) for row in base["assay"]["rows"]], [18, 18])

    def test_where_all_code_is_equal_nothing_is_measured(self):
        self.head()
        self.codes = ({"router": "aa", "norm": "bb"},) * 2
        status, errors, base, _ = self.compare()
        self.assertEqual(status, 0)
        self.assertNotIn("pairs", errors)
        self.assertEqual([entry["skipped"] for entry in base["benchmarks"]], [True, True])

    def test_rows_are_chosen_by_name(self):
        self.head()
        _, _, base, _ = self.compare("--rows", "^nor")
        self.assertEqual([row["name"] for row in base["assay"]["rows"]], ["norm"])
        self.refuses("expected rows that match x, found none", "old", "new", "--rows", "x")

    def test_a_row_of_one_side_only_is_left_out_and_named(self):
        self.head(times={"router": 1000.0, "conv": 2000.0})
        _, errors, base, _ = self.compare()
        self.assertIn("note: only base has norm: not compared\n", errors)
        self.assertIn("note: only head has conv: not compared\n", errors)
        self.assertEqual([row["name"] for row in base["assay"]["rows"]], ["router"])

    def test_a_driver_that_fails_is_an_error(self):
        self.head(fails="sample norm")
        self.refuses("head: sample norm: expected an answer, found error no sample norm", "old", "new")

    def test_instructions_of_both_sides_are_kept(self):
        self.head()
        self.patch(instructions, "missing_tools", lambda: None)
        self.patch(instructions, "count", lambda program, name: len(name) if "old" in str(program) else 77)
        _, _, base, head = self.compare()
        self.assertEqual([row["instructions"] for row in base["assay"]["rows"]], [6, 4])
        self.assertEqual([row["instructions"] for row in head["assay"]["rows"]], [77, 77])
        _, _, base, _ = self.compare("--no-instructions")
        self.assertNotIn("instructions", base["assay"]["rows"][0])

    def test_files_that_differ_from_head_are_told(self):
        self.patch(builds, "uncommitted", lambda: True)
        self.built["HEAD"] = self.built["old"]
        status, _, errors = run_in_process("old", "--pairs", "6")
        self.assertIn("note: files differ from HEAD, which is what is compared; --dirty compares them\n", errors)
        status, _, errors = run_in_process("old", "--pairs", "6", "--dirty")
        self.assertEqual(status, 0)
        self.assertNotIn("--dirty", errors)


class SelfTestTest(RunTest):
    """The rates, where only one op may be slowed and a made-up judge sees all beyond 4 %."""

    def setUp(self):
        super().setUp()
        self.built["old"] = Built(self.driver("old/micro_driver", times={name: 1000.0 for name in "abcd"}), "old")
        self.patch(selftest, "PAIRS", 6)
        self.patch(report, "show_rates", self.keep)

    def keep(self, assay, rates, facts, options):
        self.rates, self.facts = {rate.name: rate for rate in rates}, facts
        return 0

    def test_what_is_slowed_is_found_and_nothing_else(self):
        status, _, errors = run_in_process("--self-test", "--repeat", "4")
        self.assertEqual(status, 0, errors)
        hits = {name: (rate.hits, rate.trials) for name, rate in self.rates.items()}
        self.assertEqual(hits["equal programs: REGRESSED"], (0, 4))
        self.assertEqual(hits["2% slower op: REGRESSED"], (0, 1))
        self.assertEqual(hits["5% slower op: REGRESSED"], (2, 2))
        self.assertEqual(hits["10% slower op: REGRESSED"], (2, 2))
        self.assertEqual(hits["untouched rows: REGRESSED"], (0, 4 * 3 + 5))
        self.assertEqual(self.rates["2% slower op: REGRESSED"].missed, ["a"])
        self.assertIn("9 comparisons", self.facts[0])

    def test_the_rates_that_are_asked_for_are_those_of_40_and_20(self):
        self.patch(selftest.SelfTest, "_compare", lambda test, rows, slow, what: test.seconds.append(1) or set(slow))
        run_in_process("--self-test")
        limits = {name: (rate.at_least, rate.at_most, rate.trials) for name, rate in self.rates.items()}
        self.assertEqual(limits["equal programs: REGRESSED"], (None, 2, 40))
        self.assertEqual(limits["5% slower op: REGRESSED"], (19, None, 20))
        self.assertEqual(limits["10% slower op: REGRESSED"], (20, None, 20))
