# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Made-up measurements, and the command line."""
import contextlib
import io

import numpy as np

from bench.peers import cli
from bench.peers.measurement import Measurement
from bench.peers.peers import Peer


def measurement(prefill=100.0, decode=10.0, ids=(1, 2, 3), logits=(1.0, 2.0)):
    return Measurement(
        prefill, decode, 1.5, 2_000_000_000, list(ids), np.array(logits, dtype=np.float32), "version 1"
    )


def peer(family, name, weights, *measurements, reason=None):
    return Peer(family, name, weights, ["command"], reason, list(measurements))


def run_in_process(*arguments):
    """(status, stdout, stderr) of script/peers."""
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        status = cli.main([str(argument) for argument in arguments])
    return status, output.getvalue(), errors.getvalue()
