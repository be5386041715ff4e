# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Lets the drivers of both commits run in turns, and keeps every sample."""
import contextlib
import shutil
from dataclasses import dataclass, field

from bench.regress import disturbance
from bench.regress.driver import Driver
from bench.regress.schedule import ARMS

# A disturbed pair is measured again, at most so often as a share of the pairs of its row; from then on it counts.
AGAIN_SHARE = 0.5
LAUNCHES_ON_A_CORE = 5


@dataclass
class RowSamples:
    samples: dict = field(default_factory=lambda: {arm: [] for arm in ARMS})  # in the order of pairs
    digests: dict = field(default_factory=dict)
    iterations: int | None = None  # calls of a sample, the same for all
    again: int = 0  # pairs that were measured again
    disturbed: int = 0  # pairs that count although they were disturbed


@dataclass
class Measured:
    rows: dict  # name: RowSamples
    noise: dict

    def total(self, figure):
        return sum(getattr(row, figure) for row in self.rows.values())


def lay_out(directory, base, head):
    """{arm: program}: each has a copy of its own, under a name of one length, so that only their code differs."""
    programs = {}
    for arm, program in (("base", base), ("twin", base), ("head", head)):
        programs[arm] = directory / arm / program.name
        programs[arm].parent.mkdir(exist_ok=True)
        shutil.copy2(program, programs[arm])
    return programs


def measure(programs, names, plan, show, slow=None):
    """Measured. `slow` is {row: factor}, by which the head's is slowed; `show` is told how far it is, 0 to 1."""
    meter = disturbance.NoiseMeter()
    rows = {name: RowSamples() for name in names}
    done = 0
    for launch in range(plan.launches):
        if launch % LAUNCHES_ON_A_CORE == 0:  # to look for one takes as long as a launch
            core = disturbance.idlest_core()
        with contextlib.ExitStack() as scope:
            drivers = {arm: scope.enter_context(Driver(arm, programs[arm], core)) for arm in ARMS}
            watch = disturbance.Watch(core, [driver.pid for driver in drivers.values()])
            for group in plan.groups(launch, names):
                for name in group:
                    prepare(drivers, name, rows[name], slow or {})
                for name, pair in turns(group, plan.pairs_of(launch)):
                    take_pair(drivers, watch, name, plan, pair, rows[name], again_of(plan, launch))
                    done += 1
                    show(done / (len(names) * plan.pairs))
                for name in group:
                    for driver in drivers.values():
                        driver.release(name)
    return Measured(rows, meter.noise())


def turns(group, pairs):
    return [(name, pair) for pair in pairs for name in group]


def again_of(plan, launch):
    """How many pairs of a row may have been measured again by the end of a launch."""
    return int(AGAIN_SHARE * plan.pairs_of(launch).stop)


def prepare(drivers, name, row, slow):
    for arm, driver in drivers.items():
        row.iterations = driver.prepare(name, row.iterations)
        if arm not in row.digests:
            row.digests[arm] = driver.digest(name)
        if arm == "head" and name in slow:
            driver.slow(name, slow[name])


def take_pair(drivers, watch, name, plan, pair, row, again):
    while True:
        taken = {arm: [] for arm in ARMS}
        watch.disturbed()
        for arm in plan.order(pair):
            taken[arm].append(drivers[arm].sample(name))
        disturbed = watch.disturbed()
        if not disturbed or row.again >= again:
            break
        row.again += 1
    row.disturbed += disturbed
    for arm in ARMS:
        row.samples[arm] += taken[arm]
