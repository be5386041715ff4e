# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""How often a comparison cries wolf, and how often it finds a wolf: the whole procedure on equal programs, and on
programs of which one op was made slower by a known share."""
import contextlib
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.regress import builds, report
from bench.regress.comparison import PAIRS_PER_LAUNCH, Comparer, Subject, default_plan
from bench.regress.driver import cases as driver_cases
from golden.generate import progress
from golden.generate.errors import CannotError

PAIRS = 30
EQUAL_REPEATS = 40
EQUAL_ROWS = 3  # of a comparison of equal programs
SLOWED_ROWS = 2  # of a comparison in which the first row is slowed


@dataclass(frozen=True)
class Injection:
    share: float  # 0.05: 5 % slower
    repeats: int  # where equal programs are compared EQUAL_REPEATS times
    needed: float | None  # the share of them that must be found; none: for information


INJECTIONS = (Injection(0.02, 10, None), Injection(0.05, 20, 0.95), Injection(0.10, 20, 1.0))
FALSE_ALLOWED = 0.05  # of the comparisons of equal programs


@dataclass
class Rate:
    """Hits of trials; at least or at most so many are right."""

    name: str
    hits: int = 0
    trials: int = 0
    at_least: int | None = None
    at_most: int | None = None
    missed: list = field(default_factory=list)  # what went wrong, row by row

    def count(self, hit, wrong, what):
        self.trials += 1
        self.hits += hit
        if wrong:
            self.missed.append(what)


def run(options, scope, show):
    """The exit code: 0 where the rates are as they must be."""
    repeats = options.repeat or EQUAL_REPEATS
    build = builds.build_working_tree()
    assay = report.program()
    cases = driver_cases(build.driver, options.set)
    if len(cases) < EQUAL_ROWS:
        raise CannotError(f"the set {options.set}: expected at least {EQUAL_ROWS} rows, found {len(cases)}")
    judge = SelfTest(build, assay, cases, show)
    started = time.monotonic()
    rates = judge.equal(repeats)
    for injection in INJECTIONS:
        rates.append(judge.slowed(injection, max(1, injection.repeats * repeats // EQUAL_REPEATS)))
    rates.append(judge.bystanders)
    progress.show("")
    minutes = (time.monotonic() - started) / 60
    return report.show_rates(assay, rates, facts(build, judge, minutes), options)


def facts(build, judge, minutes):
    """What the table needs beside it to be read."""
    longest, mean = max(judge.seconds), sum(judge.seconds) / len(judge.seconds)
    return [
        f"{build.label}, in {len(judge.seconds)} comparisons of {mean:.0f} s each (at most {longest:.0f} s), "
        f"{minutes:.0f} minutes together",
        f"A comparison of equal programs has {EQUAL_ROWS} rows of the set, in turn; one with an op made slower has "
        f"{SLOWED_ROWS}. Each goes the whole way: {PAIRS} pairs a row in {PAIRS // PAIRS_PER_LAUNCH} launches, the "
        f"control, every inconclusive row measured with {2 * PAIRS} pairs instead, and every regression again with as many in "
        "fresh processes.",
    ]


class SelfTest:
    """The same driver on both sides."""

    def __init__(self, build, assay, cases, show):
        self.build, self.assay, self.cases, self.show = build, assay, cases, show
        self.seconds = []  # of each comparison
        self.bystanders = Rate("untouched rows: REGRESSED")

    def equal(self, repeats):
        """[Rate] of comparisons and of nothing else: a comparison is false where any of its rows is."""
        rate = Rate("equal programs: REGRESSED", at_most=int(FALSE_ALLOWED * repeats))
        for number in range(repeats):
            rows = self._rows(EQUAL_ROWS * number, EQUAL_ROWS)
            what = f"equal programs {number + 1} of {repeats}"
            found = self._compare(rows, {}, what)
            rate.count(bool(found), bool(found), ", ".join(sorted(found)))
        return [rate]

    def slowed(self, injection, repeats):
        needed = None if injection.needed is None else int(injection.needed * repeats)
        rate = Rate(f"{100 * injection.share:.0f}% slower op: REGRESSED", at_least=needed)
        for number in range(repeats):
            # Each time another op; its neighbour is not always the same one.
            rows = self._rows(number, 1) + self._rows(number + 1 + int(100 * injection.share), SLOWED_ROWS - 1)
            what = f"one op {100 * injection.share:.0f}% slower, {number + 1} of {repeats}"
            found = self._compare(rows, {rows[0]: 1 + injection.share}, what)
            rate.count(rows[0] in found, rows[0] not in found, rows[0])
        return rate

    def _rows(self, first, count):
        return [self.cases[(first + i) % len(self.cases)].name for i in range(count)]

    def _compare(self, rows, slow, what):
        """The rows that are REGRESSED after confirmation."""
        started = time.monotonic()
        with contextlib.ExitStack() as scope:
            directory = Path(scope.enter_context(tempfile.TemporaryDirectory(prefix="assay-selftest-")))
            cases = [case for case in self.cases if case.name in rows]
            subject = Subject(self.build.driver, self.build.driver, (self.build.commit,) * 2, cases)
            plan = default_plan(PAIRS, seed=1 + 10 * len(self.seconds))
            comparer = Comparer(self.assay, directory, directory, plan, lambda _, share: self.show(what, share))
            outcome = comparer.compare(subject, rows, slow)
        self.seconds.append(time.monotonic() - started)
        found = outcome.regressed()
        for row in rows:
            if row not in slow:
                self.bystanders.count(row in found, row in found, row)
        return found
