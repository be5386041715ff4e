# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""What the workers of all peers share: one measurement in a process of its own, so that peak memory is its own, and one
line of JSON at the end of what it prints. Standard library and numpy only: it runs in the Python of any peer."""
import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

WARM_UP_STEPS = 2
RESULT = "assay-peer-result "  # libraries print other things


@dataclass
class Times:
    prefill_seconds: float
    decode_seconds: float
    ids: list  # the token after the prompt, and one for every decoded token
    logits: np.ndarray  # of the last token of the prompt


def options(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--ids", type=Path, required=True, help="file with the prompt, comma-separated")
    parser.add_argument("--decode", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--logits", type=Path, required=True, help="where the logits after the prompt are written")
    return parser


def read_ids(path):
    return [int(part) for part in path.read_text().split(",")]


def measure(reset, step, ids, decode):
    """`reset()` empties the cache, `step(ids)` returns the logits [V] of the last of them. A whole prompt and two steps
    come first: memory is touched, kernels are chosen and threads are awake when the clock runs."""
    run(reset, step, ids, min(decode, WARM_UP_STEPS))
    return run(reset, step, ids, decode)


def run(reset, step, ids, decode):
    reset()
    start = time.perf_counter()
    logits = step(ids)
    chosen = [int(logits.argmax())]
    prefilled = time.perf_counter()
    first = np.array(logits, dtype=np.float32)
    between = time.perf_counter()
    for _ in range(decode):
        chosen.append(int(step([chosen[-1]]).argmax()))
    return Times(prefilled - start, time.perf_counter() - between, chosen, first)


def peak_bytes():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def report(times, load_seconds, version, logits_file):
    times.logits.tofile(logits_file)
    result = {
        "load_seconds": load_seconds, "prefill_seconds": times.prefill_seconds, "decode_seconds": times.decode_seconds,
        "ids": times.ids, "peak_bytes": peak_bytes(), "version": version,
    }
    print("\n" + RESULT + json.dumps(result), flush=True)


def run_worker(main):
    """Calls main() and turns what goes wrong into one line and status 2."""
    try:
        main()
    except Exception as error:  # whatever the library of the peer raises
        text = " ".join(str(error).split())[:300] or type(error).__name__
        print(f"error: {type(error).__name__}: {text}", file=sys.stderr)
        sys.exit(2)
