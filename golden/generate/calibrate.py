# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Gives goldens that have none a null distribution, from their own weights and inputs, and writes their gates. What a
golden holds already stays as it is, to the bit."""
import math
from pathlib import Path

import h5py
import numpy as np

from golden.generate.errors import CannotError
from golden.generate.gates import NAME, update_gates
from golden.generate.generation_null import make_generation_null
from golden.generate.knobs import Knob
from golden.generate.make import described
from golden.generate.many import run_many
from golden.generate.memory import require_memory
from golden.generate.model import embedded_checkpoint, load_model
from golden.generate.null import make_null
from golden.generate.record import null_runs, record_bf16, resolved, run_calls, run_truth
from golden.generate.runtime import versions
from golden.generate.sites import layout_of, site_name
from golden.generate.stored import read_golden, text_of
from golden.generate.tensor_file import read_checkpoint_headers
from golden.generate.writer import SCHEMA_VERSION, new_file, put_generation_null, put_null, put_sites


def goldens_of(paths):
    """Files, and all goldens of folders."""
    found = []
    for path in map(Path, paths):
        inside = sorted(path.glob("*.h5")) if path.is_dir() else [path]
        if not inside or not path.exists():
            raise CannotError(f"{path}: expected a golden or a folder of goldens, found none")
        found += inside
    return found


def calibrate(paths, gates, jobs, bf16=False):
    """Prints a line for each golden that it adds to, and one for the gates."""
    goldens = goldens_of(paths)
    gates = goldens[0].parent / NAME if gates is None else gates
    sides = {path: lacking_sides(path, bf16) for path in goldens}
    run_many([(path.stem, add_sides, (path, wanted)) for path, wanted in sides.items() if wanted], jobs)
    entries = update_gates(gates, goldens)
    print(f"{gates}: gates of {len(entries)} goldens")


def lacking_sides(path, bf16):
    """The names of the distributions that a golden should have and has not."""
    try:
        with h5py.File(path, "r") as file:
            if text_of(file.attrs.get("kind")) != "golden":
                raise CannotError(f"{path}: expected a golden, found {text_of(file.attrs.get('kind'))!r}")
            lacking = []
            if "generation" in file and "null" not in file["generation"]:
                lacking.append("generation")
            has = {"hf32": "null" in file, "hf_bf16": not bf16 or any("hf_bf16" in call for call in calls_of(file))}
            return lacking + [side for side, there in has.items() if not there and calls_of(file)]
    except OSError as error:
        raise CannotError(f"{path}: expected a golden, found: {error}") from error


def calls_of(file):
    return list(file["calls"].values()) if "calls" in file else []


def add_sides(path, sides):
    """sides: of "hf32", "hf_bf16", "generation". Returns a line that says what was added."""
    path = Path(path)
    golden = read_golden(path, embedded=False)
    require_version(path, golden)
    model = model_of(path, golden)
    layout = layout_of(model.config)
    tables = [values.get("rope_inv_freq") for values in golden.hf32]
    calls = [resolved(call, model.config, layout) for call in golden.calls]
    expected = golden.hf32 if golden.truth is None else golden.truth
    first, routes = golden.hf32, expected
    if golden.not_recorded:
        own = run_calls(model, layout, calls, tables)[0]
        first = [again | there for again, there in zip(own, golden.hf32)]
        routes = first
        if golden.truth is not None:
            routes = run_truth(model, layout, calls, tables)[0]
    runs = null_runs(model, layout, calls, expected, routes, tables)
    nulls, values, knobs = [], None, [Knob(**fields) for fields in golden.runs]
    if "hf32" in sides:
        nulls = [make_null(runs, first, not_recorded=golden.not_recorded)]
        knobs = nulls[0].runs
    if "hf_bf16" in sides:
        values, null = record_bf16(model, runs, knobs, golden.not_recorded)
        nulls.append(null)
    of_generation = None
    if "generation" in sides:
        of_generation = make_generation_null(model, golden.generation, knobs or None)
        knobs = of_generation.runs
    before = path.stat().st_size
    append(path, layout, calls, golden.not_recorded, values, nulls, of_generation)
    return f"{path.stat().st_size - before:9,} bytes  {len(knobs):3} runs  {golden.case}"


def model_of(path, golden):
    if golden.weights is not None:
        with embedded_checkpoint(golden.config_text, golden.weights) as directory:
            return load_model(directory)
    directory = Path(golden.checkpoint["path"])
    if not (directory / "config.json").is_file():
        raise CannotError(f"{path}: expected its checkpoint {directory}, found none")
    found = described(read_checkpoint_headers(directory))
    for name, tensor in golden.checkpoint["tensors"].items():
        if found.get(name) != tensor:
            raise CannotError(f"{path}: expected {name} as it was recorded, found another in {directory}")
    require_memory(sum(math.prod(tensor["shape"]) for tensor in found.values()), golden.truth is not None)
    return load_model(directory)


def require_version(path, golden):
    made_by = golden.provenance["transformers"]
    if made_by != versions()["transformers"]:
        raise CannotError(
            f"{path}: expected a golden by transformers {versions()['transformers']}, found one by {made_by}: "
            f"--transformers {made_by}"
        )


def append(path, layout, calls, not_recorded, hf_bf16, nulls, of_generation):
    """Adds what there is to a golden; the file is the old one or the new one at any moment."""
    with new_file(path, from_old=True) as file:
        file.attrs.modify("schema_version", np.bytes_(SCHEMA_VERSION.encode()))
        for number, (call, values) in enumerate(zip(calls, hf_bf16 or ())):
            recorded = {site: array for site, array in values.items() if site_name(site) not in not_recorded}
            put_sites(file[f"calls/{number:03d}"], "hf_bf16", layout, call, recorded)
        for null in nulls:
            put_null(file, null)
        if of_generation is not None:
            put_generation_null(file, of_generation)
