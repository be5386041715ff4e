# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The table of docs/coverage.md: every feature of features.py, the cases that show it on each architecture, and what
`assay verify --json` found of them."""
import json
from itertools import groupby

from golden.generate.cases import CASES
from golden.generate.errors import CannotError, DiffersError, one_line
from golden.generate.features import ALL, FEATURES, NAMES

# All that a case has to pass; (engine, precision) of one run.
RUNS = (("reference", "f64"), ("reference", "f32"), ("optimized", "f32"))
PASSES, TIE = "PASS", "TIE"
NAMED = 3  # cases of a cell by name, the others by number


def print_table(reports):
    """reports: files of `assay verify --json`, or none. Raises DiffersError, after the table, where a cell has no case
    or, with reports, a case that does not pass."""
    refuse_unknown_features()
    verdicts = read_verdicts(reports) if reports else None
    empty, failed = [], []
    for group, features in groupby(FEATURES, key=lambda feature: feature.group):
        print(f"\n### {group}\n\n| what | architecture | cases | verdict |\n|---|---|---|---|")
        for feature in features:
            what = feature.what
            for architecture in feature.architectures:
                names = cases_of(feature, architecture)
                verdict = verdict_of(names, verdicts) if names else ""
                print(f"| {what} | {architecture} | {listed(names)} | {verdict} |")
                what = ""
                if not names:
                    empty.append(f"{feature.name} of {architecture}")
                elif verdicts is not None and verdict not in (PASSES, TIE):
                    failed.append(f"{feature.name} of {architecture}")
            rest = [architecture for architecture in ALL if architecture not in feature.architectures]
            if rest:
                print(f"| | {', '.join(rest)} | {feature.others} | - |")
    if empty:
        raise DiffersError(f"coverage: expected a case in every cell, found none for {first_of(empty)}")
    if failed:
        raise DiffersError(f"coverage: expected every case to pass, found others for {first_of(failed)}")


def first_of(cells):
    return ", ".join(cells[:3]) + (f" and {len(cells) - 3} more" if len(cells) > 3 else "")


def cases_of(feature, architecture):
    """Names, committed ones first."""
    found = [case for case in CASES.values() if feature.name in case.covers and case.model_type == architecture]
    return [case.name for case in sorted(found, key=lambda case: not case.committed)]


def listed(names):
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def refuse_unknown_features():
    for case in CASES.values():
        for name in case.covers:
            if name not in NAMES or case.model_type not in NAMES[name].architectures:
                raise CannotError(f"{case.name}: expected features of {case.model_type}, found {name!r}")


def read_verdicts(paths):
    """(case, engine, precision) -> verdict"""
    verdicts = {}
    for path in paths:
        try:
            for result in json.loads(path.read_text())["results"]:
                if result["mode"] == "free":
                    verdicts[result["case"], result["engine"], result["precision"]] = result["verdict"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            found = one_line(error)
            raise CannotError(f"--verdicts {path}: expected a report of assay verify --json, found: {found}") from error
    return verdicts


def verdict_of(names, verdicts):
    """PASS where every run of every case passes, else what the others came to."""
    if verdicts is None:
        return ""
    found = [verdicts.get((name, *run), "not run") for name in names for run in RUNS]
    others = sorted({verdict for verdict in found if verdict != PASSES})
    return ", ".join(others) or PASSES
