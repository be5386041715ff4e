# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""What workers print and how it is read."""
import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

from bench.peers import processes, worker
from bench.peers.measurement import Spread, agreeing, read_assay, read_worker, relative_error
from bench.peers.processes import PeerFailed

ASSAY = {
    "prefill_tokens_per_s": 200.5, "decode_tokens_per_s": 20.25, "load_seconds": 0.5, "peak_rss_bytes": 123456,
    "time_to_first_token_seconds": 0.1,
}


class Counter:
    """A model whose next token is one more than the last."""

    def __init__(self):
        self.calls = []

    def reset(self):
        self.calls.append("reset")

    def step(self, ids):
        self.calls.append(list(ids))
        logits = np.zeros(100, dtype=np.float32)
        logits[ids[-1] + 1] = 2.0
        return logits


class WorkerTest(unittest.TestCase):
    def test_a_prompt_and_two_steps_come_before_the_measured_ones(self):
        model = Counter()
        times = worker.measure(model.reset, model.step, [3, 4], 3)
        self.assertEqual(model.calls, ["reset", [3, 4], [5], [6], "reset", [3, 4], [5], [6], [7]])
        self.assertEqual(times.ids, [5, 6, 7, 8])
        self.assertEqual(times.logits.argmax(), 5)

    def test_a_report_is_read_back(self):
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory, "logits.bin")
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                worker.report(worker.Times(2.0, 4.0, [1, 2], np.array([1.0, 5.0], np.float32)), 3.0, "v 1", file)
            found = read_worker("a warning\n" + output.getvalue() + "bye\n", 512, 32, file)
        self.assertEqual((found.prefill_tokens_per_s, found.decode_tokens_per_s), (256.0, 8.0))
        self.assertEqual((found.load_seconds, found.ids, found.logits.tolist()), (3.0, [1, 2], [1.0, 5.0]))
        self.assertGreater(found.peak_bytes, 1_000_000)

    def test_a_worker_without_a_result_has_failed(self):
        with self.assertRaisesRegex(PeerFailed, "found none"):
            read_worker("nothing of use\n", 512, 32, "")


class AssayTest(unittest.TestCase):
    def test_the_figures_of_assay_run_are_read(self):
        found = read_assay("ready\n" + json.dumps(ASSAY | {"rows": [{"ids": [7, 8]}]}))
        self.assertEqual((found.prefill_tokens_per_s, found.decode_tokens_per_s), (200.5, 20.25))
        self.assertEqual((found.load_seconds, found.peak_bytes, found.ids), (0.5, 123456, [7, 8]))

    def test_a_missing_figure_fails(self):
        for output in ("", "{}", json.dumps({**ASSAY, "load_seconds": None}), '{"prefill_tokens_per_s": 1'):
            with self.assertRaisesRegex(PeerFailed, "expected the figures"):
                read_assay(output)


class ProcessTest(unittest.TestCase):
    def test_a_failing_process_gives_its_last_line(self):
        script = "import sys; print('x', file=sys.stderr); print('error: no such verb', file=sys.stderr); sys.exit(2)"
        with self.assertRaisesRegex(PeerFailed, "^no such verb$"):
            processes.run([sys.executable, "-c", script])

    def test_a_process_that_the_system_ended_says_so(self):
        with self.assertRaisesRegex(PeerFailed, "SIGKILL, as if memory ran out"):
            processes.run([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"])

    def test_a_program_that_is_not_there_fails(self):
        with self.assertRaisesRegex(PeerFailed, "/no/such: No such file"):
            processes.run(["/no/such"])


class ValuesTest(unittest.TestCase):
    def test_a_spread_is_the_median_and_half_the_range_of_it(self):
        self.assertEqual(Spread.of([12.0, 8.0, 10.0]), Spread(10.0, 0.2))

    def test_ids_agree_until_the_first_that_differs(self):
        self.assertEqual(agreeing([1, 2, 9, 4], [1, 2, 3, 4]), 2)
        self.assertEqual(agreeing([1, 2], [1, 2, 3]), 2)

    def test_the_error_is_relative_to_the_expected_norm(self):
        self.assertAlmostEqual(relative_error(np.array([3.0, 4.0]), np.array([0.0, 4.0])), 0.75)
