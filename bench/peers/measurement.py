# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""One run of one peer, read from what its process prints, and the medians over the rounds."""
import json
from dataclasses import dataclass
from statistics import median

import numpy as np

from bench.peers.processes import PeerFailed
from bench.peers.worker import RESULT


@dataclass(frozen=True)
class Measurement:
    prefill_tokens_per_s: float
    decode_tokens_per_s: float
    load_seconds: float
    peak_bytes: int
    ids: list  # the token after the prompt, and one for every decoded token
    logits: np.ndarray | None  # [V] after the prompt
    version: str


@dataclass(frozen=True)
class Spread:
    """Median, and half the range as a share of it."""

    median: float
    spread: float

    @staticmethod
    def of(values):
        middle = median(values)
        return Spread(middle, (max(values) - min(values)) / 2 / middle if middle else 0.0)


def read_worker(output, prompt, decode, logits_file):
    """From the last line of a worker of ours (bench/peers/worker.py)."""
    lines = [line for line in output.splitlines() if line.startswith(RESULT)]
    if not lines:
        raise PeerFailed("expected a result from the worker, found none")
    values = json.loads(lines[-1].removeprefix(RESULT))
    return Measurement(
        prompt / values["prefill_seconds"], decode / values["decode_seconds"], values["load_seconds"],
        values["peak_bytes"], values["ids"], np.fromfile(logits_file, np.float32), values["version"],
    )


def read_assay(output):
    """From `assay run --json -`."""
    try:
        values = json.loads(output[output.index("{") :])
        return Measurement(
            float(values["prefill_tokens_per_s"]), float(values["decode_tokens_per_s"]), float(values["load_seconds"]),
            int(values["peak_rss_bytes"]), list(values["rows"][0]["ids"]), None, f"assay, {values.get('kernel')}",
        )
    except (ValueError, LookupError, TypeError) as error:
        raise PeerFailed(f"expected the figures of assay run as JSON, found none: {error!r}") from error


def relative_error(found, expected):
    """Norm of the difference over the norm."""
    return float(np.linalg.norm(found.astype(np.float64) - expected) / np.linalg.norm(expected.astype(np.float64)))


def agreeing(found, expected):
    """How many tokens are the same before the first that is not."""
    for index, (one, other) in enumerate(zip(found, expected)):
        if one != other:
            return index
    return min(len(found), len(expected))
