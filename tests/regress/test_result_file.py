# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The file that assay report reads."""
import json
import unittest

from bench.regress.driver import Case, Sample
from bench.regress.instructions import read_count
from bench.regress.result_file import Shared, Side, as_json, write_atomically
from golden.generate.errors import CannotError
from tests.regress.support import FolderTest

CASES = [Case("router", 2e6, 3e6), Case("norm", 1e6, 4e6)]
SAMPLES = [Sample(1500.5, 1400.0, 7), Sample(1501.5, 1401.0, 7)]


class ResultFileTest(unittest.TestCase):
    def setUp(self):
        side = Side("1a2b", {"router": SAMPLES}, {"router": SAMPLES[::-1]}, {"router": 12345}, {"norm": "beef"},
                    {"router": "00ff"})
        noise = {"seconds": 1.0, "steal_seconds": 0.0, "pressure_share": 0.5}
        self.shared = Shared(CASES, {"samples_per_pair": "1"}, noise)
        self.file = json.loads(as_json(side, self.shared))

    def test_every_sample_is_an_entry_of_google_benchmark(self):
        entries = [entry for entry in self.file["benchmarks"] if entry["name"] == "router"]
        self.assertEqual([entry["repetition_index"] for entry in entries], [0, 1])
        self.assertEqual(entries[1]["real_time"], 1501.5)
        self.assertEqual(entries[1]["time_unit"], "ns")
        self.assertEqual({entry["run_type"] for entry in entries}, {"iteration"})
        self.assertEqual({entry["repetitions"] for entry in entries}, {2})

    def test_a_row_that_was_not_measured_says_why(self):
        entry = self.file["benchmarks"][-1]
        self.assertEqual((entry["name"], entry["skipped"]), ("norm", True))
        self.assertIn("its compiled code is the same", entry["skip_message"])
        self.assertEqual(self.file["assay"]["rows"][1]["code"], "beef")
        self.assertEqual(self.file["assay"]["rows"][1]["real_seconds"], [])

    def test_what_the_layout_has_no_place_for_stands_beside_it(self):
        extras = self.file["assay"]
        self.assertEqual((extras["schema"], extras["commit"]), ("assay.bench/1", "1a2b"))
        row = extras["rows"][0]
        self.assertEqual(row["control"]["real_seconds"], [1501.5e-9, 1500.5e-9])
        self.assertEqual(row["control"]["iterations"], [7, 7])
        self.assertEqual((row["instructions"], row["digest"]), (12345, "00ff"))
        self.assertNotIn("code", row)

    def test_both_sides_of_a_comparison_are_of_one_pairing(self):
        other = json.loads(as_json(Side("2b3c", {"router": SAMPLES}), self.shared))
        self.assertEqual(other["assay"]["pairing"], self.file["assay"]["pairing"])
        self.assertNotEqual(Shared(CASES, {}, {}).pairing, self.shared.pairing)


class WritingTest(FolderTest):
    def test_a_file_is_written_whole_or_not_at_all(self):
        path = self.folder / "a.json"
        write_atomically(path, "text")
        self.assertEqual(path.read_text(), "text")
        self.assertEqual([one.name for one in self.folder.iterdir()], ["a.json"])
        with self.assertRaisesRegex(CannotError, "no/a.json: expected to be able to write there, found: No such file"):
            write_atomically(self.folder / "no" / "a.json", "text")


class CallgrindTest(unittest.TestCase):
    def test_its_count_is_read(self):
        self.assertEqual(read_count("events: Ir\nfn=(1)\n3 44\n\ntotals: 3740364\n", "router"), 3740364)
        self.assertEqual(read_count("events: Ir\nsummary: 12\n", "router"), 12)

    def test_a_region_that_was_not_entered_is_an_error(self):
        for text in ("events: Ir\ntotals: 0\n", "events: Ir\n"):
            with self.assertRaisesRegex(CannotError, "router: expected instructions in assay_measured_region, found none"):
                read_count(text, "router")
