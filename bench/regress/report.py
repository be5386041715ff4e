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


def verdicts(assay, files):
    """{row: verdict} of `files`, (base, head)."""
    with tempfile.TemporaryDirectory(prefix="assay-report-") as directory:
        out = Path(directory) / "report.json"
        command = [str(assay), "report", *map(str, files), "--json", str(out)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode not in JUDGED:
            raise CannotError(f"assay report: {first_error(done.stderr)}")
        rows = json.loads(out.read_text())["rows"]
        return {row["name"]: row["verdict"] for row in rows}


def show(assay, files, confirmation, outputs):
    """Prints the table and writes what was asked for; the exit code of all rows together. `outputs`: {"--json": file}."""
    command = [str(assay), "report", *map(str, files)]
    if confirmation is not None:
        command += ["--confirmation", *map(str, confirmation)]
    for option, path in outputs.items():
        command += [option, str(path)]
    sys.stdout.flush()
    done = subprocess.run(command)
    if done.returncode not in (*JUDGED, 2):
        raise CannotError(f"assay report: expected verdicts, found exit status {done.returncode}")
    return done.returncode
