# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The gates of goldens, derived from the null distributions that they hold, and the file that keeps them: "Gates" of
golden/FORMAT.md. docs/numerics.md has the reasons for the formulas."""
import contextlib
import fcntl
import hashlib
import json
import os
from pathlib import Path

import h5py
import numpy as np

from golden.generate.errors import CannotError, TooCloseError
from golden.generate.noise import UNIT, is_measured, ratio, rms_of_others
from golden.generate.sites import site_name
from golden.generate.stored import read_array, text_of

SCHEMA, SCHEMA_VERSION = "assay.gates", "1.0"
NAME = "gates.json"
SITE_MEASURES = ("tensor", "row", "column", "largest", "bias")
KL_MEASURES = ("kl_mean", "kl_max")
FORMULA = {
    "tensor": {"least": 2.0, "factor": 1.25, "ceiling": 10.0},
    "row": {"least": 3.0, "factor": 1.25, "ceiling": 30.0},
    "column": {"least": 3.0, "factor": 1.25, "ceiling": 30.0},
    "largest": {"least": 4.0, "factor": 1.25, "ceiling": 10.0},
    "bias": {"least": 8.0, "factor": 2.0, "ceiling": 1000.0},
    "kl_mean": {"least": 4.0, "factor": 1.5625, "ceiling": 100.0},  # a divergence goes with the square of an error
    "kl_max": {"least": 16.0, "factor": 1.5625, "ceiling": 100.0},
}
DECIMALS = 4
NO_SUM = "0" * 64


def entry_of(path):
    """(case, entry of the file of gates) of one golden. Raises where a gate would be above its ceiling, or where there is no
    null distribution."""
    path = Path(path)
    try:
        with h5py.File(path, "r") as file:
            case = text_of(file.attrs["case"])
            if "null" not in file:
                raise CannotError(f"{path}: expected a null distribution, found none; script/golden calibrate {path}")
            provenance = json.loads(read_array(file["provenance"]).tobytes())
            made_by = {name: provenance[name].split("+")[0] for name in ("transformers", "torch")}
            entry = {"null_sha256": null_sha256(file), "made_by": made_by}
            calls = [file["calls"][name] for name in sorted(file["calls"])] if "calls" in file else []
            for side in UNIT:
                if any(f"null/{side}" in call for call in calls):
                    entry[side] = gates_of(path, side, calls, int(file["null"].attrs["runs"]))
            if "generation" in file:
                entry["generation"] = generation_gates(path, file["generation"], int(file["null"].attrs["runs"]))
            return case, entry
    except (OSError, KeyError) as error:
        raise CannotError(f"{path}: expected a golden with a null distribution, found: {error}") from error


def gates_of(path, side, calls, runs):
    sites, counts, kl = {}, {}, None
    for call in calls:
        if f"null/{side}" not in call:
            continue
        figures = {name: read_array(dataset) for name, dataset in call[f"null/{side}"].items()}
        paths, worst = call_ratios(call, figures, UNIT[side])
        for column, site in enumerate(map(site_name, paths)):
            sites[site] = np.maximum(sites.get(site, 0.0), worst[:, column])
            counts[site] = counts.get(site, 0) + 1
        if "kl" in figures:
            found = kl_ratios(figures)
            kl = found if kl is None else np.maximum(kl, found)
    result = {"runs": runs, "sites": {}}
    for site, null in sites.items():
        gates = gated(f"{path}: {side} {site}", SITE_MEASURES, null)
        result["sites"][site] = {"tensors": counts[site]} | gates
    if kl is not None:
        result["kl"] = gated(f"{path}: {side} logits", KL_MEASURES, kl)
    return result


def generation_gates(path, group, runs):
    """Of the logits of all steps."""
    if "null" not in group:
        raise CannotError(f"{path}: expected a null distribution of its generation, found none; script/golden calibrate")
    figures = {name: read_array(dataset) for name, dataset in group["null/hf32"].items()}
    logits = read_array(group["truth" if "truth" in group else "hf32"]["logits"])
    null = worst_ratios([logits], figures, UNIT["hf32"])[:, 0]
    return {
        "runs": runs, "sites": {"logits": {"tensors": 1} | gated(f"{path}: generation logits", SITE_MEASURES, null)},
        "kl": gated(f"{path}: generation logits", KL_MEASURES, kl_ratios(figures)),
    }


def call_ratios(call, figures, unit):
    """The paths of the sites, and [measures, sites]: the largest ratio of any run against the others."""
    expected = call["truth" if "truth" in call else "hf32"]
    datasets = []
    expected.visititems(lambda path, item: datasets.append((path, item)) if isinstance(item, h5py.Dataset) else None)
    datasets = [(path, item) for path, item in datasets if is_measured(path, item)]
    datasets.sort(key=lambda pair: int(pair[1].attrs["order"]))
    if len(datasets) != figures["l2"].shape[1]:
        raise CannotError(f"{call.name}/null: expected {len(datasets)} sites, found {figures['l2'].shape[1]}")
    return [path for path, _ in datasets], worst_ratios([read_array(item) for _, item in datasets], figures, unit)


def worst_ratios(arrays, figures, unit):
    """arrays: the expected values of the sites. [measures, sites]"""
    scales = [scales_of(array) for array in arrays]
    norm, largest, elements = np.array(scales).T
    shown = figures["l2"] >= 0
    tensor = np.maximum(rms_of_others(figures["l2"], shown), 4 * unit * norm)
    ratios = [
        ratio(figures["l2"], tensor), figures["row_ratio"], figures["column_ratio"],
        ratio(figures["max"], np.maximum(rms_of_others(figures["max"], shown), 2 * unit * largest)),
        ratio(np.abs(figures["bias"]) * np.sqrt(elements), tensor),
    ]
    return np.array([np.where(shown, found, 0).max(axis=0) for found in ratios])


def scales_of(array):
    array = array.astype(np.float64)
    return np.linalg.norm(array), np.abs(array).max(initial=0.0), array.size


def kl_ratios(figures):
    kl = figures["kl"]
    others = (kl.sum(axis=0) - kl) / (len(kl) - 1)
    return ratio(kl, np.maximum(others, figures["kl_floor"])).max(axis=0)


def gated(where, measures, nulls):
    nulls = [round(float(null), DECIMALS) for null in nulls]
    gates = []
    for measure, null in zip(measures, nulls):
        rule = FORMULA[measure]
        gate = round(max(rule["least"], rule["factor"] * null), DECIMALS)
        if not gate <= rule["ceiling"]:
            raise TooCloseError(
                f"{where}: expected a gate of {measure} up to {rule['ceiling']:g}, found {gate:g}: runs of transformers "
                f"are up to {null:g} times as far off as the others, which calibrates nothing"
            )
        gates.append(gate)
    return {"null": nulls, "gates": gates}


def is_of_null(parts):
    """parts: of the path of a dataset."""
    return parts[0] == "null" or parts[:2] == ["generation", "null"] or parts[0] == "calls" and parts[2:3] == ["null"]


def null_sha256(file):
    """Of all datasets of the null distribution; file: an open golden."""
    datasets = []

    def keep(name, item):
        parts = name.split("/")
        if isinstance(item, h5py.Dataset) and is_of_null(parts):
            datasets.append((f"/{name}".encode(), item))

    file.visititems(keep)
    digest = hashlib.sha256()
    for name, item in sorted(datasets, key=lambda pair: pair[0]):
        array = read_array(item)
        digest.update(name)
        digest.update(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes())
    return digest.hexdigest()


def update_gates(gates, goldens):
    """Puts the entries of goldens (paths) into a file; those of others stay while their goldens are there. Nothing is
    written where one cannot be calibrated. Returns the entries that are new."""
    gates = Path(gates)
    entries = dict(entry_of(path) for path in goldens)
    folders = {gates.parent, *(Path(path).parent for path in goldens)}
    with locked(gates.parent):
        old = read_gates(gates)["goldens"] if gates.is_file() else {}
        kept = {case: entry for case, entry in old.items() if case in entries or is_there(case, folders)}
        write_gates(gates, kept | entries)
    return entries


@contextlib.contextmanager
def locked(folder):
    """One program at a time reads and writes the gates of a folder."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise CannotError(f"{folder}: expected a directory, found: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def is_there(case, folders):
    if any((folder / f"{case}.h5").is_file() for folder in folders):
        return True
    return any(case_of(path) == case for folder in folders for path in folder.glob("*.h5"))


def case_of(path):
    try:
        with h5py.File(path, "r") as file:
            return text_of(file.attrs.get("case"))
    except OSError:
        return None


def read_gates(path):
    """The content of a file of gates that nobody has edited."""
    try:
        text = Path(path).read_text()
        content = json.loads(text)
        found, schema, version = (str(content[name]) for name in ("sha256", "schema", "schema_version"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotError(f"{path}: expected a file of gates, found: {type(error).__name__}: {error}") from error
    if schema != SCHEMA or version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
        raise CannotError(f"{path}: expected {SCHEMA} {SCHEMA_VERSION}, found {schema} {version}")
    if found != hashlib.sha256(text.replace(found, NO_SUM, 1).encode()).hexdigest():
        raise CannotError(f"{path}: expected its own sha256, found another: edited by hand; delete it and calibrate")
    return content


def write_gates(path, goldens):
    content = {
        "schema": SCHEMA, "schema_version": SCHEMA_VERSION, "sha256": NO_SUM, "formula": FORMULA,
        "goldens": {case: goldens[case] for case in sorted(goldens)},
    }
    text = compact(content) + "\n"
    text = text.replace(NO_SUM, hashlib.sha256(text.encode()).hexdigest(), 1)
    temporary = Path(path).with_name(Path(path).name + ".tmp")
    try:
        temporary.write_text(text)
        os.replace(temporary, path)
    except OSError as error:
        raise CannotError(f"{path}: expected to be able to write there, found: {error.strerror}") from error


def compact(value, depth=0):
    """JSON with a line for each object that holds no other: a site is a line."""
    if not isinstance(value, dict) or not any(isinstance(item, dict) for item in value.values()):
        return json.dumps(value)
    pad = " " * (depth + 1)
    lines = [f"{pad}{json.dumps(name)}: {compact(item, depth + 1)}" for name, item in value.items()]
    return "{\n" + ",\n".join(lines) + "\n" + " " * depth + "}"
