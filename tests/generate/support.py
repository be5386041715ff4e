# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""What several tests of the generator need: models of committed cases, and the command line as a subprocess."""
import contextlib
import functools
import io
import os
import subprocess
import sys
from pathlib import Path

from golden.generate import runtime

runtime.prepare()

from golden.generate.cli import main
from golden.generate.model import embedded_checkpoint, load_model
from golden.generate.stored import read_golden

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "golden" / "data"
ONE_EACH = ("granitemoe_cache", "granitemoeshared_cache", "granitemoehybrid_cache", "phimoe_cache")


@functools.cache
def stored(name):
    """Shared between tests: whoever changes an array copies it first."""
    return read_golden(DATA / f"{name}.h5")


def model_of(golden):
    with embedded_checkpoint(golden.config_text, golden.weights) as directory:
        return load_model(directory)


def run_in_process(*arguments):
    """The command line without the seconds of a new process: (exit status, standard output, standard error)."""
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        status = main(list(map(str, arguments)))
    return status, output.getvalue(), errors.getvalue()


def run_golden(*arguments):
    """script/golden without its shell: (exit status, standard output, standard error)."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "golden.generate", *map(str, arguments)], capture_output=True, text=True, env=environment
    )
    return done.returncode, done.stdout, done.stderr
