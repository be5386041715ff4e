# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a model fits into memory, answered before it is loaded."""
from pathlib import Path

from golden.generate.errors import CannotError

WORKING_BYTES = 1_500_000_000  # torch itself, the sites of both runs, one tensor being converted


def require_memory(parameters, with_truth):
    """Refuses before loading what would not fit: 4 bytes a parameter for float32, 8 for the float64 run."""
    needed = parameters * (8 if with_truth else 4) * 11 // 10 + WORKING_BYTES
    available = available_bytes()
    if available is not None and needed > available:
        offer = "; --no-truth needs half" if with_truth else ""
        run = "float64" if with_truth else "float32"
        raise CannotError(
            f"memory: expected {needed / 1e9:.1f} GB for the {run} run of {parameters:,} parameters, "
            f"found {available / 1e9:.1f} GB available{offer}"
        )


def available_bytes():
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None
