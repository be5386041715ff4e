# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Compares two goldens of one case, made by two versions of transformers: the same model, the same inputs, and the truth
site by site. A configuration may be spelled differently; weights and inputs are the same to the bit."""
from dataclasses import fields

import numpy as np

from golden.generate.check import in_order, norm
from golden.generate.errors import DiffersError
from golden.generate.model import read_config
from golden.generate.sites import layout_of
from golden.generate.stored import read_golden

LIMIT = 1e-12  # of the norm


def compare(first, second):
    """Returns the line to print; raises DiffersError at the first difference in the order of execution."""
    one, other = read_golden(first), read_golden(second)
    require_same_weights(one.weights, other.weights)
    if len(one.calls) != len(other.calls):
        raise DiffersError(f"{second}: expected {len(one.calls)} calls, found {len(other.calls)}")
    layout, worst = layout_of(read_config(one.config_text, first)), 0.0
    for number, calls in enumerate(zip(one.calls, other.calls)):
        require_same_inputs(f"{second} call {number}", *calls)
        for site, expected in in_order(layout, calls[0], one.truth[number]):
            found = other.truth[number].get(site)
            worst = max(worst, distance(f"{second} call {number} truth {site}", expected, found))
    return f"equal  {one.case:32} truth {worst:7.1e}"


def require_same_weights(expected, found):
    """name -> (dtype, array)"""
    if expected.keys() != found.keys():
        raise DiffersError(f"weights: expected the same tensors, found {sorted(expected.keys() ^ found.keys())[:4]}")
    for name, (dtype, array) in expected.items():
        if dtype != found[name][0] or not np.array_equal(array, found[name][1]):
            raise DiffersError(f"weights/{name}: expected the same bits, found others")


def require_same_inputs(where, expected, found):
    for field in fields(expected):
        ours, theirs = getattr(expected, field.name), getattr(found, field.name)
        if not np.array_equal(ours, theirs):
            raise DiffersError(f"{where} {field.name}: expected the same input, found another")


def distance(where, expected, found):
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
