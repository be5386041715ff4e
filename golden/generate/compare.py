# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Compares what two versions of transformers compute of one case: the same model, the same inputs, and the truth site
by site. The configuration may be spelled differently; weights and inputs are the same to the bit."""
from dataclasses import fields, is_dataclass, replace

import numpy as np

from golden.generate.check import in_order, norm
from golden.generate.errors import CannotError, DiffersError
from golden.generate.generation import record_generation
from golden.generate.model import embedded_checkpoint, load_model, read_config
from golden.generate.record import record
from golden.generate.sites import layout_of
from golden.generate.stored import read_golden
from golden.generate.versions import CANNOT, DIFFERS, EQUAL, verdict_of_4_56_2

LIMIT = 1e-12  # of the norm


def compare(first, second):
    """Two goldens. Returns the line to print; raises DiffersError at the first difference in the order of execution."""
    one, other = read_golden(first), read_golden(second)
    require_same_weights(one.weights, other.weights)
    if len(one.calls) != len(other.calls):
        raise DiffersError(f"{second}: expected {len(one.calls)} calls, found {len(other.calls)}")
    for number, calls in enumerate(zip(one.calls, other.calls)):
        require_same_inputs(f"{second} call {number}", *calls)
    layout = layout_of(read_config(one.config_text, first))
    return f"equal  {one.case:32} truth {compare_truth(layout, one, other.truth, other.generation, second):7.1e}"


def check_verdict(path):
    """A golden of another version, computed again by the running one. Returns the line to print; raises DiffersError
    where the outcome is not the one of versions.py."""
    golden = read_golden(path)
    verdict, found = outcome(golden)
    expected, reason = verdict_of_4_56_2(golden.case)
    if verdict != expected:
        raise DiffersError(f"{path.name}: expected of 4.56.2 {expected!r}, see versions.py, found {verdict}: {found}")
    return f"{verdict:7} {golden.case:32} {reason or found}"


def outcome(golden):
    """(verdict, figure or message)"""
    try:
        with embedded_checkpoint(golden.config_text, golden.weights) as directory:
            model = load_model(directory)
        layout, generation = layout_of(model.config), None
        truth = record(model, golden.calls, exact=bool(golden.exact)).truth
        if golden.generation is not None:
            generation = replace(golden.generation)
            record_generation(model, generation)
        return EQUAL, f"truth {compare_truth(layout, golden, truth, generation, golden.case):7.1e}"
    except CannotError as error:
        return CANNOT, str(error)
    except DiffersError as error:
        return DIFFERS, str(error)


def compare_truth(layout, golden, truth, generation, where):
    """The largest difference of all sites and of what was generated."""
    worst = 0.0
    for number, (call, expected) in enumerate(zip(golden.calls, golden.truth)):
        for site, value in in_order(layout, call, expected):
            worst = max(worst, distance(f"{where} call {number} truth {site}", value, truth[number].get(site)))
    if golden.generation is not None:
        distance(f"{where} sequences", golden.generation.sequences, generation.sequences)
        for kind, value in golden.generation.truth.items():
            worst = max(worst, distance(f"{where} generation truth {kind}", value, generation.truth[kind]))
    return worst


def require_same_weights(expected, found):
    """name -> (dtype, array)"""
    if expected.keys() != found.keys():
        raise DiffersError(f"weights: expected the same tensors, found {sorted(expected.keys() ^ found.keys())[:4]}")
    for name, (dtype, array) in expected.items():
        if dtype != found[name][0] or not np.array_equal(array, found[name][1]):
            raise DiffersError(f"weights/{name}: expected the same bits, found others")


def require_same_inputs(where, expected, found):
    for field in fields(expected):
        if not same(getattr(expected, field.name), getattr(found, field.name)):
            raise DiffersError(f"{where} {field.name}: expected the same input, found another")


def same(expected, found):
    """Of an input: an array or a number, or a structure of such."""
    if type(expected) is not type(found):
        return False
    if is_dataclass(expected):
        return all(same(getattr(expected, field.name), getattr(found, field.name)) for field in fields(expected))
    if isinstance(expected, dict):
        return expected.keys() == found.keys() and all(same(value, found[name]) for name, value in expected.items())
    if isinstance(expected, tuple):
        return len(expected) == len(found) and all(map(same, expected, found))
    return np.array_equal(expected, found)


def distance(where, expected, found):
    """||found - expected|| / ||expected||; raises beyond the limit, or where shapes or integers differ."""
    if found is None or found.shape != expected.shape:
        shape = "nothing" if found is None else list(found.shape)
        raise DiffersError(f"{where}: expected {list(expected.shape)}, found {shape}")
    if expected.dtype.kind in "iu":
        if not np.array_equal(expected, found):
            raise DiffersError(f"{where}: expected the same integers, found {int((expected != found).sum())} others")
        return 0.0
    size = norm(expected.astype(np.float64)) or 1.0
    apart = norm(found.astype(np.float64) - expected) / size
    if not apart <= LIMIT:
        raise DiffersError(f"{where}: expected at most {LIMIT:.0e} of the norm off, found {apart:.2g}")
    return apart
