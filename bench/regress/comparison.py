# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""One comparison of two programs: samples of the rows whose code is not the same, verdicts, a longer look at each row that
had none, and a second one at each regression."""
from dataclasses import dataclass, replace
from pathlib import Path

from bench.regress import instructions, report, result_file
from bench.regress.measure import lay_out, measure
from bench.regress.schedule import Plan

REGRESSED, INCONCLUSIVE = "REGRESSED", "INCONCLUSIVE"
# Of a launch of all processes, so that where the memory of one lies is not taken for an effect: in some rows two launches of
# equal programs differ by a tenth, however often they are timed.
PAIRS_PER_LAUNCH = 1


@dataclass
class Subject:
    """What is compared."""

    base: Path  # drivers
    head: Path
    commits: tuple  # of the two
    cases: list
    codes: tuple = ({}, {})  # {row: hash} of the two
    counts: tuple = ({}, {})  # {row: instructions} of the two

    def same_code(self):
        """The rows whose code is known to be the same."""
        base, head = self.codes
        return {name for name, code in base.items() if code and code == head.get(name)}


@dataclass
class Outcome:
    files: tuple  # (base, head)
    confirmation: tuple | None  # the files of the second look
    measured: list  # [Measured], one to three
    verdicts: dict  # {row: verdict}
    longer: list  # rows that the first look said nothing of

    def regressed(self):
        """The rows that were slower both times."""
        return {name for name, verdict in self.verdicts.items() if verdict == REGRESSED}


class Comparer:
    """Results go to `directory`, copies of the drivers to `programs`; both exist. `show` is told what happens and how
    far it is."""

    def __init__(self, assay, directory, programs, plan, show):
        self.assay, self.directory, self.programs, self.plan, self.show = assay, directory, programs, plan, show

    def compare(self, subject, rows, slow=None):
        """Measures `rows` of the subject and judges all. `slow` is what a self-test does to the head."""
        measured = [self._measure(subject, rows, self.plan, f"measuring {len(rows)} rows", slow)]
        files = self._write(subject, measured[0], self.plan, "")
        verdicts = report.verdicts(self.assay, files)
        twice = replace(self.plan, pairs=2 * self.plan.pairs, launches=2 * self.plan.launches)
        unclear = [name for name in rows if verdicts[name] == INCONCLUSIVE]
        if unclear:
            # Fresh samples alone decide: to add to those that were not enough would favour what they leaned to.
            plan = replace(twice, seed=self.plan.seed + 1)
            measured.append(self._measure(subject, unclear, plan, f"measuring {len(unclear)} rows longer", slow))
            measured[0].rows.update(measured[1].rows)
            files = self._write(subject, measured[0], self.plan, "")
            verdicts = report.verdicts(self.assay, files)
        suspects = [name for name in rows if verdicts[name] == REGRESSED]
        if not suspects:
            return Outcome(files, None, measured, verdicts, unclear)
        again = replace(subject, cases=[case for case in subject.cases if case.name in suspects])
        plan = replace(twice, seed=self.plan.seed + 2)
        measured.append(self._measure(again, suspects, plan, f"measuring {len(suspects)} rows again", slow))
        confirmation = self._write(again, measured[-1], plan, "again-")
        verdicts = report.verdicts(self.assay, files, confirmation)
        return Outcome(files, confirmation, measured, verdicts, unclear)

    def _measure(self, subject, rows, plan, what, slow):
        programs = lay_out(self.programs, subject.base, subject.head)
        return measure(programs, rows, plan, lambda share: self.show(what, share), slow)

    def _write(self, subject, measured, plan, prefix):
        """(base, head)"""
        files = tuple(self.directory / f"{prefix}{side}.json" for side in ("base", "head"))
        for path, text in zip(files, texts(subject, measured, plan)):
            result_file.write_atomically(path, text)
        return files


def texts(subject, measured, plan):
    """The two result files."""
    settings = {
        "benchmark": "micro_driver", "threads": "1",
        "samples_per_pair": str(plan.samples), "samples_per_launch": str(plan.samples * plan.pairs // plan.launches),
    }
    shared = result_file.Shared(subject.cases, settings, measured.noise)
    for arm, commit, code, counts in zip(("base", "head"), subject.commits, subject.codes, subject.counts):
        side = result_file.Side(
            commit, {name: row.samples[arm] for name, row in measured.rows.items()},
            {name: row.samples["twin"] for name, row in measured.rows.items()} if arm == "base" else {},
            {case.name: counts[case.name] for case in subject.cases if case.name in counts},
            {case.name: code.get(case.name) for case in subject.cases},
            {name: row.digests[arm] for name, row in measured.rows.items()},
        )
        yield result_file.as_json(side, shared)


def default_plan(pairs, seed=1):
    return Plan(pairs=pairs, launches=pairs // PAIRS_PER_LAUNCH, seed=seed)


def counted(base, head, names, show):
    """({row: instructions} of base, of head)."""
    programs = {"base": base, "head": head}
    counts = instructions.count_all(programs, names, lambda share: show("counting instructions", share))
    return counts["base"], counts["head"]
