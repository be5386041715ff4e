# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Samples of two programs in turns, and which pairs count."""
import os
from unittest import mock

from bench.regress import disturbance
from bench.regress.measure import lay_out, measure
from bench.regress.schedule import Plan
from tests.regress.support import FolderTest

PLAN = Plan(pairs=6, launches=2, rows_at_once=2)


class MeasureTest(FolderTest):
    def measure(self, slow=None, disturbed=lambda watch: False, **of_head):
        base, head = self.driver("one/micro_driver"), self.driver("two/micro_driver", **of_head)
        with mock.patch.object(disturbance.Watch, "disturbed", disturbed), \
                mock.patch.object(disturbance, "idlest_core", lambda: min(os.sched_getaffinity(0))):
            return measure(lay_out(self.folder, base, head), ["router", "norm"], PLAN, lambda share: None, slow)

    def test_every_arm_has_three_samples_a_pair(self):
        row = self.measure().rows["router"]
        taken = {arm: len(samples) for arm, samples in row.samples.items()}
        self.assertEqual(taken, {"base": 18, "twin": 18, "head": 18})

    def test_equal_programs_say_so_in_their_outputs(self):
        self.assertEqual(set(self.measure().rows["norm"].digests.values()), {"abc"})
        self.assertEqual(self.measure(digest="def").rows["norm"].digests, {"base": "abc", "twin": "abc", "head": "def"})

    def test_only_the_row_that_is_slowed_is_slower_and_only_on_the_side_of_the_head(self):
        rows = self.measure(slow={"router": 1.5}).rows
        for name, factor in (("router", 1.5), ("norm", 1.0)):
            samples = rows[name].samples
            self.assertEqual([one.real for one in samples["base"]], [one.real for one in samples["twin"]])
            for base, head in zip(samples["base"], samples["head"]):
                self.assertAlmostEqual(head.real / base.real, factor)

    def test_a_disturbed_pair_is_measured_again(self):
        answers = iter([False, True, False, False] + [False] * 100)  # before and after each pair
        row = self.measure(disturbed=lambda watch: next(answers)).rows
        self.assertEqual(sum(one.again for one in row.values()), 1)
        self.assertEqual(sum(one.disturbed for one in row.values()), 0)
        self.assertEqual({len(one.samples["head"]) for one in row.values()}, {18})

    def test_where_all_pairs_are_disturbed_they_count_after_half_as_many_again(self):
        measured = self.measure(disturbed=lambda watch: True)
        self.assertEqual((measured.total("again"), measured.total("disturbed")), (2 * 3, 2 * 6))
        self.assertEqual(len(measured.rows["norm"].samples["twin"]), 18)


class DisturbanceTest(FolderTest):
    def watch(self, seconds, waited, stolen):
        """Whether a pair counts as disturbed in which so much was waited and stolen."""
        with mock.patch.object(disturbance.Watch, "_now", side_effect=[(0, 0, 0), (seconds, waited, stolen)]):
            return disturbance.Watch(0, []).disturbed()

    def test_a_pair_is_disturbed_whose_processes_waited_for_more_than_a_tenth_of_it(self):
        self.assertFalse(self.watch(0.2, 0.019, 0))
        self.assertTrue(self.watch(0.2, 0.021, 0))

    def test_a_pair_is_disturbed_of_which_the_host_took_more_than_a_tenth(self):
        self.assertFalse(self.watch(0.2, 0, 0.01))
        self.assertTrue(self.watch(0.2, 0, 0.03))

    def test_what_the_kernel_does_not_say_counts_as_nothing(self):
        with mock.patch.object(disturbance, "read", lambda path: ""):
            self.assertEqual(disturbance.waited_seconds(1), 0)
            self.assertEqual(disturbance.stolen_seconds(0), 0)
            self.assertEqual(disturbance.pressure_seconds(), 0)

    def test_the_accounts_of_the_kernel_are_read(self):
        files = {
            "/proc/7/schedstat": "123 2500000000 9\n",
            "/proc/stat": "cpu  100 0 100 800 0 0 0 40\ncpu0 50 0 50 400 0 0 0 30\ncpu1 50 0 50 400 0 0 0 10\n",
            "/proc/pressure/cpu": "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\nfull total=7\n",
        }
        with mock.patch.object(disturbance, "read", files.get), mock.patch.object(disturbance, "TICK", 100):
            self.assertEqual(disturbance.waited_seconds(7), 2.5)
            self.assertEqual(disturbance.stolen_seconds(1), 0.1)
            self.assertEqual(disturbance.stolen_seconds(), 0.4)
            self.assertEqual(disturbance.pressure_seconds(), 1.5)
