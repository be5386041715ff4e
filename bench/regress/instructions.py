# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Instructions of one call as callgrind counts them: a signal without noise, but blind to caches."""
import os
import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.regress.driver import ENVIRONMENT
from bench.regress.processes import first_error
from golden.generate.errors import CannotError

REGION = "assay_measured_region"  # the driver's function that holds the timed calls and nothing else
CALLS = 1
BLIS_HASWELL = "3"  # BLIS 0.9.0 reads the number of its arch_t; a name is 0 to it, which is AVX-512


def missing_tools():
    """Why there can be no counts here; None where there can."""
    absent = [tool for tool in ("valgrind", "setarch") if shutil.which(tool) is None]
    return f"no instruction counts: {' and '.join(absent)} not installed" if absent else None


def count_all(programs, names, show):
    """{side: {row: instructions}} of `programs` {side: program}. Counts do not mind who else runs: all cores work."""
    work = [(side, name) for name in names for side in programs]
    counts = {side: {} for side in programs}
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        waiting = {(side, name): pool.submit(count, programs[side], name) for side, name in work}
        try:
            for number, ((side, name), future) in enumerate(waiting.items(), 1):
                counts[side][name] = future.result()
                show(number / len(work))
        finally:
            for future in waiting.values():
                future.cancel()
    return counts


def count(program, name):
    with tempfile.TemporaryDirectory(prefix="assay-callgrind-") as directory:
        out = Path(directory) / "counts"
        command = ["setarch", "-R", "valgrind", "--tool=callgrind", "--cache-sim=no", "--branch-sim=no",
                   f"--toggle-collect={REGION}", f"--callgrind-out-file={out}",
                   str(program), "--once", name, "--calls", str(CALLS)]
        # valgrind knows no AVX-512, and BLIS is to choose the same kernels on every machine.
        environment = ENVIRONMENT | {"BLIS_ARCH_TYPE": BLIS_HASWELL}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        if done.returncode != 0:
            raise CannotError(f"callgrind, {name}: expected counts, found: {first_error(done.stderr)}")
        return read_count(out.read_text(), name) / CALLS


def read_count(text, name):
    """From the file of callgrind."""
    found = re.search(r"^(?:summary|totals): (\d+)", text, re.MULTILINE)
    if found is None or int(found[1]) == 0:
        raise CannotError(f"callgrind, {name}: expected instructions in {REGION}, found none")
    return int(found[1])
