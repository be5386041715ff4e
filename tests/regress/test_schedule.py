# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The order in which the arms are timed."""
import unittest
from collections import Counter

from bench.regress.schedule import ARMS, ORDERS, Plan


class ScheduleTest(unittest.TestCase):
    def test_every_arm_has_every_place_equally_often(self):
        for place in range(3):
            self.assertEqual(Counter(order[place] for order in ORDERS), {arm: 2 for arm in ARMS})

    def test_every_arm_follows_every_other_equally_often(self):
        neighbours = Counter(pair for order in ORDERS for pair in zip(order, order[1:]))
        self.assertEqual(set(neighbours.values()), {2})
        self.assertEqual(len(neighbours), 6)

    def test_every_other_pair_is_the_one_before_it_turned_round(self):
        for first, second in zip(ORDERS[::2], ORDERS[1::2]):
            self.assertEqual(first, second[::-1])

    def test_an_arm_of_a_pair_has_three_samples_one_beside_each_of_the_others(self):
        order = Plan().order(0)
        self.assertEqual(order, ("base", "twin", "head") * 3)

    def test_launches_share_the_pairs(self):
        for plan in (Plan(30, 5), Plan(20, 5), Plan(7, 5)):
            pairs = [pair for launch in range(plan.launches) for pair in plan.pairs_of(launch)]
            self.assertEqual(pairs, list(range(plan.pairs)))

    def test_rows_come_in_another_order_at_every_launch_and_in_the_same_in_every_run(self):
        names = [str(number) for number in range(20)]
        plan = Plan(rows_at_once=8)
        groups = plan.groups(0, names)
        self.assertEqual([len(group) for group in groups], [8, 8, 4])
        self.assertEqual(sorted(sum(groups, [])), sorted(names))
        self.assertNotEqual(groups, plan.groups(1, names))
        self.assertEqual(groups, Plan(rows_at_once=8).groups(0, names))
