# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Lets `assay report` judge two result files. Nothing statistical is computed on this side."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.regress.builds import ROOT
from bench.regress.processes import first_error, run
from golden.generate import progress
from golden.generate.errors import CannotError

JUDGED = (0, 1, 4)  # the exit codes that come with verdicts


def program():
    """The program of the tree that this script stands in, built where it is not up to date."""
    progress.show("building assay")
    run([str(ROOT / "script" / "build"), "release", "assay"])
    return ROOT / "build" / "release" / "bin" / "assay"


def verdicts(assay, files, confirmation=None):
    """{row: verdict} of `files`, (base, head), and of what came of its regressions when they were measured again."""
    with tempfile.TemporaryDirectory(prefix="assay-report-") as directory:
        out = Path(directory) / "report.json"
        command = [str(assay), "report", *map(str, files), "--json", str(out)]
        if confirmation is not None:
            command += ["--confirmation", *map(str, confirmation)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode not in JUDGED:
            raise CannotError(f"assay report: {first_error(done.stderr)}")
        rows = json.loads(out.read_text())["rows"]
        return {row["name"]: row["verdict"] for row in rows}


def show(assay, files, confirmation, outputs):
    """Prints the table and writes `outputs` ({"--json": file}); the exit code of all rows together."""
    command = [str(assay), "report", *(path.name for path in files)]
    if confirmation is not None:
        command += ["--confirmation", *(path.name for path in confirmation)]
    for option, path in outputs.items():
        command += [option, "-" if str(path) == "-" else str(path.absolute())]
    sys.stdout.flush()
    done = subprocess.run(command, cwd=files[0].parent)  # the folder, which may soon be gone, says nothing to a reader
    if done.returncode not in (*JUDGED, 2):
        raise CannotError(f"assay report: expected verdicts, found exit status {done.returncode}")
    return done.returncode


def show_rates(assay, rates, facts, options):
    """Prints the table of a self-test."""
    record = {
        "schema": "assay.rates/1", "facts": facts,
        "rates": [
            {"name": rate.name, "hits": rate.hits, "trials": rate.trials, "missed": rate.missed}
            | ({} if rate.at_least is None else {"at_least": rate.at_least})
            | ({} if rate.at_most is None else {"at_most": rate.at_most})
            for rate in rates
        ],
    }
    with tempfile.TemporaryDirectory(prefix="assay-report-") as directory:
        path = Path(directory) / "rates.json"
        path.write_text(json.dumps(record))
        command = [str(assay), "report", "--rates", str(path)]
        for option in ("json", "markdown"):
            if getattr(options, option):
                command += [f"--{option}", str(getattr(options, option))]
        sys.stdout.flush()
        done = subprocess.run(command)
    if done.returncode not in (0, 1):
        raise CannotError(f"assay report: expected a table of rates, found exit status {done.returncode}")
    return done.returncode
