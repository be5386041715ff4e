# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Who is timed when. All of it is fixed before the first sample, and no time that is measured changes it."""
import random
from dataclasses import dataclass

ARMS = ("base", "twin", "head")  # twin: the control, base's program in a process of its own
# Every other order is the one before it turned round (ABBA), so a drift over two pairs takes away from one what it adds
# to the other; over six pairs each arm has had each place, and each neighbour, equally often.
ORDERS = (
    ("base", "twin", "head"), ("head", "twin", "base"),
    ("twin", "head", "base"), ("base", "head", "twin"),
    ("head", "base", "twin"), ("twin", "base", "head"),
)


@dataclass(frozen=True)
class Plan:
    pairs: int = 30  # of each row
    launches: int = 30  # of all processes
    samples: int = 3  # an arm of a pair, whose value is the smallest of them
    rows_at_once: int = 8  # prepared together, so that memory stays small; their pairs take turns
    seed: int = 1

    def pairs_of(self, launch):
        """How many of a row's pairs belong to a launch: [first, end)."""
        return range(self.pairs * launch // self.launches, self.pairs * (launch + 1) // self.launches)

    def order(self, pair):
        """The arms of a pair, each sample of an arm beside one of each other."""
        return ORDERS[pair % len(ORDERS)] * self.samples

    def groups(self, launch, names):
        """The rows in another order at every launch, cut into groups."""
        shuffled = list(names)
        random.Random(f"{self.seed} {launch}").shuffle(shuffled)
        return [shuffled[i : i + self.rows_at_once] for i in range(0, len(shuffled), self.rows_at_once)]
