# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Figures of rows, and how they are printed."""
import json
import tempfile
import unittest
from pathlib import Path

from bench.peers import report, results, table
from bench.peers.arithmetic import Counts
from bench.peers.roofs import Roofs
from golden.generate.errors import CannotError
from tests.peers.support import measurement, peer

COUNTS = Counts(prefill_flops=512e9, decode_weights=1e9)
ROOFS = Roofs([150.0, 200.0, 190.0], [30.0, 40.0])
REASON = "the weights of every token's experts are copied, and that is more than this machine has in one piece " * 2


def everyone():
    return [
        peer("transformers", "transformers eager", "f32", measurement(100.0, 8.0)),
        peer("transformers", "transformers batched_mm", "f32", reason=REASON),
        peer("llama", "llama.cpp", "f32", *(measurement(prefill, 5.0, logits=(1.0, 2.1)) for prefill in (80, 90, 100))),
        peer("llama", "llama.cpp", "bf16", measurement(60.0, 9.0, ids=(1, 2, 4))),
        peer("assay", "assay", "f32", measurement(150.0, 6.0, logits=(1.0, 2.0))),
        peer("assay", "assay", "bf16", measurement(144.0, 12.0)),
    ]


def rows():
    return results.rows_of(everyone(), COUNTS, ROOFS, 512, 2)


def result():
    return report.Result("model", 2_000_000_000, 24, 512, 2, 3, 2, "a machine", COUNTS, ROOFS, rows())


class ResultsTest(unittest.TestCase):
    def test_shares_are_of_the_largest_roof(self):
        eager, _, llama, half, *_ = rows()
        self.assertAlmostEqual(eager.prefill_share, 0.5)  # 1 GFLOP a token at 100 tokens/s, of 200
        self.assertAlmostEqual(eager.decode_share, 0.8)  # 4 GB a token at 8 tokens/s, of 40
        self.assertAlmostEqual(llama.prefill.median, 90.0)
        self.assertAlmostEqual(half.decode_share, 0.45)  # half the bytes

    def test_ratios_are_of_assay_with_the_same_weights(self):
        eager, _, llama, half, assay, _ = rows()
        self.assertAlmostEqual(eager.prefill_ratio, 1.5)
        self.assertAlmostEqual(llama.decode_ratio, 1.2)
        self.assertAlmostEqual(half.prefill_ratio, 2.4)
        self.assertIsNone(assay.prefill_ratio)

    def test_without_assay_there_are_no_ratios(self):
        alone = results.rows_of(everyone()[:3], COUNTS, ROOFS, 512, 2)
        self.assertEqual([row.prefill_ratio for row in alone], [None] * 3)
        self.assertEqual(results.comparisons(alone), [])

    def test_what_assay_is_judged_by(self):
        found = {what.split(" (")[0]: ratio for what, ratio in results.comparisons(rows())}
        self.assertAlmostEqual(found["prefill, assay f32 / the best float32 peer"], 1.5)
        self.assertAlmostEqual(found["decode, assay f32 / llama.cpp f32"], 1.2)
        self.assertAlmostEqual(found["decode, assay bf16 / llama.cpp bf16"], 12 / 9)
        self.assertAlmostEqual(found["prefill, assay bf16 / assay f32"], 0.96)
        self.assertAlmostEqual(found["decode, assay bf16 / assay f32"], 2.0)

    def test_agreement_is_with_the_first_row(self):
        eager, _, llama, half, *_ = rows()
        self.assertEqual((eager.ids, half.ids), (3, 2))
        self.assertIsNone(eager.logits_error)
        self.assertAlmostEqual(llama.logits_error, 0.1 / 5**0.5, places=6)


class TableTest(unittest.TestCase):
    def test_no_line_is_wider_than_the_terminal(self):
        for line in report.text(result()).splitlines():
            self.assertLessEqual(len(line), table.WIDTH, line)

    def test_columns_stand_under_each_other(self):
        lines = table.text_table(rows()).splitlines()
        ends = {len(line) for line in lines[3:] if "tokens" not in line and "±" in line}
        self.assertEqual(len(ends), 1, lines)

    def test_a_peer_that_cannot_run_says_why_in_its_row(self):
        lines = table.text_table(rows()).splitlines()
        start = next(i for i, line in enumerate(lines) if line.startswith("transformers batched_mm"))
        said = " ".join(line.strip() for line in [lines[start].split("- ", 1)[1], *lines[start + 1 : start + 4]])
        self.assertTrue(said.startswith(REASON.strip()), said)

    def test_every_line_of_markdown_has_the_same_columns(self):
        lines = table.markdown_table(rows()).splitlines()
        self.assertEqual(len(lines), 8)
        self.assertEqual({line.count("|") for line in lines}, {12})

    def test_json_has_every_run_and_no_logits(self):
        values = json.loads(report.as_json(result(), everyone()))
        self.assertEqual([len(row["runs"]) for row in values["rows"]], [1, 0, 3, 1, 1, 1])
        self.assertEqual(values["rows"][2]["prefill"]["median"], 90)
        self.assertNotIn("logits", values["rows"][0]["runs"][0])
        self.assertEqual(values["roofs"]["gflops"], [150.0, 200.0, 190.0])

    def test_a_file_is_whole_or_not_there(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "out.json")
            report.write_atomically(path, "text")
            self.assertEqual([file.name for file in Path(directory).iterdir()], ["out.json"])
            with self.assertRaisesRegex(CannotError, "expected to be able to write"):
                report.write_atomically(Path(directory, "none", "out.json"), "text")
