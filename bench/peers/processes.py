# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Runs the process of one measurement and says in one line what went wrong where it did."""
import os
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class PeerFailed(Exception):
    """A peer cannot run this; its row says why, and the others go on."""


def run(command):
    """stdout of a command that succeeded."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    try:
        result = subprocess.run(command, capture_output=True, text=True, env=environment)
    except OSError as error:
        raise PeerFailed(f"{command[0]}: {error.strerror}") from error
    if result.returncode < 0:
        name = signal.Signals(-result.returncode).name
        raise PeerFailed(f"ended by {name}" + (", as if memory ran out" if name == "SIGKILL" else ""))
    if result.returncode != 0:
        raise PeerFailed(last_line(result.stderr).removeprefix("error: ") or f"exit status {result.returncode}")
    return result.stdout


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
