# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The roofs of this machine, measured by the program `roofs` (bench/roofs/main.cpp) between rounds."""
import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.peers import processes
from bench.peers.processes import PeerFailed
from golden.generate.errors import CannotError


@dataclass(frozen=True)
class Roofs:
    """Of several measurements. The largest is the roof: whatever else ran on the machine can only lower one."""

    gflops: list
    gb_per_s: list

    @property
    def gflops_roof(self):
        return max(self.gflops)

    @property
    def gb_per_s_roof(self):
        return max(self.gb_per_s)

    def line(self):
        return (
            f"microkernel {self.gflops_roof:.1f} GFLOP/s (median {median(self.gflops):.1f}), "
            f"reading {self.gb_per_s_roof:.1f} GB/s (median {median(self.gb_per_s):.1f})"
        )


class RoofMeter:
    def __init__(self, program, threads):
        self.program = Path(program)
        self.threads = threads
        self.found = Roofs([], [])
        if not self.program.is_file():
            raise CannotError(f"{program}: expected the program that measures the roofs; script/build release roofs")

    def measure(self):
        command = [str(self.program), "--threads", str(self.threads), "--json"]
        try:
            values = json.loads(processes.run(command))
            gflops, gb_per_s = float(values["microkernel_gflops"]), float(values["read_gb_per_s"])
        except PeerFailed as failure:
            raise CannotError(f"{self.program}: expected the roofs, found: {failure}") from failure
        except (ValueError, KeyError, TypeError) as error:
            raise CannotError(f"{self.program}: expected the roofs as JSON, found: {error!r}") from error
        self.found.gflops.append(gflops)
        self.found.gb_per_s.append(gb_per_s)
