# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Raw samples of one side as the file that `assay report` reads (bench/result/json.hpp): Google Benchmark's layout, and
what that has no place for under "assay"."""
import datetime
import json
import os
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from golden.generate.errors import CannotError

SCHEMA = "assay.bench/1"
NOT_MEASURED = "not measured: its compiled code is the same on both sides"


@dataclass
class Side:
    """What one commit came to."""

    commit: str
    samples: dict  # {row: [Sample]}
    control: dict = field(default_factory=dict)  # as samples, of the control
    instructions: dict = field(default_factory=dict)  # {row: number}
    code: dict = field(default_factory=dict)  # {row: hash}
    digests: dict = field(default_factory=dict)  # {row: hash}, of outputs


@dataclass
class Shared:
    """What both sides have in common."""

    cases: list  # [Case], in the order of the table
    settings: dict
    noise: dict
    pairing: str = field(default_factory=lambda: str(uuid.uuid4()))
    date: str = field(default_factory=lambda: datetime.datetime.now().astimezone().isoformat(timespec="seconds"))


def as_json(side, shared):
    entries, rows = [], []
    for index, case in enumerate(shared.cases):
        samples = side.samples.get(case.name, [])
        entries += [entry(case, index, number, one, len(samples)) for number, one in enumerate(samples)]
        entries += [] if samples else [skipped(case, index)]
        rows.append(row_of(case.name, samples, side))
    return json.dumps({
        "context": {
            "date": shared.date, "host_name": "localhost", "executable": "micro_driver",
            "num_cpus": os.cpu_count(), "mhz_per_cpu": 0, "cpu_scaling_enabled": False, "caches": [], "load_avg": [],
            "library_build_type": "release",
        },
        "benchmarks": entries,
        "assay": {
            "schema": SCHEMA, "program": "micro_driver", "commit": side.commit, "machine": machine(),
            "settings": shared.settings, "pairing": shared.pairing, "noise": shared.noise,
            "roofs": {"flops_per_second": 0, "bytes_per_second": 0}, "rows": rows,
            "memory": [], "bytes": {}, "ledger": [], "experts": [],
        },
    }, indent=1, allow_nan=False) + "\n"


def head_of(case, index, repetitions):
    return {
        "name": case.name, "family_index": index, "per_family_instance_index": 0, "run_name": case.name,
        "run_type": "iteration", "repetitions": repetitions, "threads": 1,
    }


def entry(case, index, number, sample, repetitions):
    return head_of(case, index, repetitions) | {
        "repetition_index": number, "iterations": sample.iterations, "real_time": sample.real, "cpu_time": sample.cpu,
        "time_unit": "ns", "flops": case.flops, "bytes": case.bytes,
    }


def skipped(case, index):
    return head_of(case, index, 0) | {"skipped": True, "skip_message": NOT_MEASURED}


def times(samples):
    return {"real_seconds": [one.real / 1e9 for one in samples], "cpu_seconds": [one.cpu / 1e9 for one in samples]}


def row_of(name, samples, side):
    row = {"name": name} | times(samples)
    if control := side.control.get(name):
        row["control"] = {"iterations": [one.iterations for one in control]} | times(control)
    if name in side.instructions:
        row["instructions"] = side.instructions[name]
    if side.code.get(name):
        row["code"] = side.code[name]
    if name in side.digests:
        row["digest"] = side.digests[name]
    return row


def machine():
    """Both sides ran here; told so that a stored result says where it comes from."""
    found = {"cores": str(len(os.sched_getaffinity(0))), "kernel": os.uname().release}
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                found["cpu"] = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    return found


def write_atomically(path, text):
    temporary = path.with_name(path.name + ".tmp")
    try:
        temporary.write_text(text)
        os.replace(temporary, path)
    except OSError as error:
        raise CannotError(f"{path}: expected to be able to write there, found: {error.strerror}") from error
