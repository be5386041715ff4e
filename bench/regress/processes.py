# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Runs a command and says in one line what went wrong where it did."""
import re
import subprocess

from golden.generate.errors import CannotError


def run(command, **options):
    """stdout of a command that succeeded."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, **options)
    except OSError as error:
        raise CannotError(f"{command[0]}: expected a program to run, found: {error.strerror}") from error
    if done.returncode != 0:
        raise CannotError(f"{' '.join(command[:3])}: {first_error(done.stderr or done.stdout)}")
    return done.stdout


def first_error(text):
    """The line of a long output that says what is wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = next((line for line in lines if re.search(r"\b(error|fatal)\b", line, re.IGNORECASE)), None)
    return told or (lines[-1] if lines else "nothing said")
