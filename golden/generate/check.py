# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Computes every committed golden again, from the weights, configuration and inputs that it holds, and compares.

The truth must repeat to 1e-13. The float32 run may differ between processors, whose kernels sum in other orders: runs
with errors e and e' are |e - e'| apart, and e' of another processor was seen up to twice as large as e, hence three
times the distance from the truth. That distance is the largest of the site in all calls and layers of the file, for
that of one tensor of a dozen values may be small by luck.

The one input that a processor may change is the table of inverse frequencies (the C library's pow, 1 ulp): the stored
table is put in its place, so that all else stays comparable."""
from dataclasses import replace

import numpy as np

from golden.generate.cases import CASES, COMMITTED
from golden.generate.check_null import check_gates, check_runs
from golden.generate.errors import CannotError, DiffersError
from golden.generate.gates import NAME
from golden.generate.generation import record_generation
from golden.generate.model import embedded_checkpoint, load_model
from golden.generate.record import record
from golden.generate.sites import layout_of, ordered_sites, site_name
from golden.generate.stored import read_golden
from golden.generate.versions import DEFAULT

TRUTH_LIMIT = 1e-13
FLOAT32_LIMIT = 3.0  # times the distance of the stored float32 run from the truth
# Of the norm, for sites that are nearly exact in float32.
FLOAT32_FLOOR = 8 * 2.0**-24
INV_FREQ = "rope_inv_freq"


def check_all(data, only, version=DEFAULT):
    """Prints a line a golden; raises DiffersError at the first that does not repeat. version: of transformers, the one
    that runs. A golden of another version is left alone by the default one; the other says how it computes its case."""
    from golden.generate.compare import check_verdict

    files = sorted(data.glob("*.h5"))
    if only is not None:
        files = [path for path in files if path.stem == only]
        if not files:
            raise CannotError(f"--only {only}: expected a golden of that name in golden/data, found none")
    else:
        require_complete(files)
    for path in files:
        made_by = CASES[path.stem].transformers
        if made_by == version:
            line = check_golden(path)
            check_gates(path, data / NAME)
        elif version == DEFAULT:
            line = f"--  {path.stem:32} made by {made_by}: script/golden check --transformers {made_by}"
        else:
            line = check_verdict(path)
        print(line, flush=True)


def require_complete(files):
    names = {path.stem for path in files}
    missing, stray = sorted(set(COMMITTED) - names), sorted(names - set(COMMITTED))
    if missing or stray:
        raise DiffersError(f"golden/data: expected one file a case, found missing {missing}, without a case {stray}")


def check_golden(path):
    """Returns the line to print."""
    stored = read_golden(path)
    tables = [values.get(INV_FREQ) for values in stored.truth]
    with embedded_checkpoint(stored.config_text, stored.weights) as directory:
        model = load_model(directory)
    again = record(model, stored.calls, forced_inv_freq=tables, exact=bool(stored.exact))
    if stored.generation is not None:
        again.generation = replace(stored.generation)
        record_generation(model, again.generation)
    note = ""
    worst = {"truth": 0.0, "hf32": 0.0}
    for number, (own, table) in enumerate(zip(again.own_inv_freq, tables)):
        if table is not None and not np.array_equal(own, table):
            ulps = np.abs(own.view(np.int32).astype(np.int64) - table.view(np.int32)).max()
            if ulps > 1:
                raise DiffersError(f"{path.name} call {number} {INV_FREQ}: expected at most 1 ulp, found {ulps}")
            note = "  inv_freq 1 ulp"
    layout = layout_of(model.config)
    # The smaller of the two, so that a stored run that is off cannot vouch for itself.
    yardsticks = [float32_yardsticks(side.truth, side.hf32) for side in (stored, again)]
    for number in range(len(stored.calls)):
        where = f"{path.name} call {number}"
        for site, old in in_order(layout, stored.calls[number], stored.truth[number]):
            found = difference(f"{where} truth {site}", old, again.truth[number].get(site), TRUTH_LIMIT)
            worst["truth"] = max(worst["truth"], found)
        for site, old in in_order(layout, stored.calls[number], stored.hf32[number]):
            limit = max(FLOAT32_LIMIT * min(pool[site_name(site)] for pool in yardsticks), FLOAT32_FLOOR)
            found = difference(f"{where} hf32 {site}", old, again.hf32[number].get(site), limit)
            worst["hf32"] = max(worst["hf32"], found)
    if stored.generation is not None:
        check_generation(path.name, stored.generation, again.generation, worst)
    else:
        check_runs(path, stored, model, again)
    return f"ok  {path.stem:32} truth {worst['truth']:7.1e}  hf32 {worst['hf32']:7.1e}{note}"


def check_generation(name, stored, again, worst):
    where = f"{name} generation"
    difference(f"{where} sequences", stored.sequences, again.sequences, 0.0)
    for kind, old in stored.truth.items():
        found = difference(f"{where} truth {kind}", old, again.truth[kind], TRUTH_LIMIT)
        worst["truth"] = max(worst["truth"], found)
        size = norm(old)
        limit = FLOAT32_LIMIT * min(norm(run.hf32[kind] - run.truth[kind]) / size for run in (stored, again))
        found = difference(f"{where} hf32 {kind}", stored.hf32[kind], again.hf32[kind], max(limit, FLOAT32_FLOOR))
        worst["hf32"] = max(worst["hf32"], found)


def in_order(layout, call, values):
    """(site, value) in the order of execution, so that the first difference reported is the first there is."""
    order = list(ordered_sites(layout, call))
    return sorted(values.items(), key=lambda item: order.index(item[0]))


def float32_yardsticks(truths, hf32s):
    """Site name -> the largest ||hf32 - truth|| / ||truth|| of all calls and layers."""
    yardsticks = {}
    for truth, hf32 in zip(truths, hf32s):
        for site, value in hf32.items():
            size = norm(truth[site].astype(np.float64))
            distance = norm(value.astype(np.float64) - truth[site]) / size if size else 0.0
            yardsticks[site_name(site)] = max(yardsticks.get(site_name(site), 0.0), distance)
    return yardsticks


def difference(where, old, new, limit):
    """||new - old|| / ||old||; raises where it exceeds the limit, or where integers differ at all."""
    if new is None or new.shape != old.shape or new.dtype != old.dtype:
        found = "nothing" if new is None else f"{new.dtype}{list(new.shape)}"
        raise DiffersError(f"{where}: expected {old.dtype}{list(old.shape)}, found {found}")
    if old.dtype.kind in "iu":
        if not np.array_equal(old, new):
            raise DiffersError(f"{where}: expected the same integers, found {int((old != new).sum())} others")
        return 0.0
    old, new = old.astype(np.float64), new.astype(np.float64)
    size, distance = norm(old), norm(new - old)
    if not distance <= limit * size:
        raise DiffersError(f"{where}: expected at most {limit:.2g} of the norm off, found {distance / (size or 1):.2g}")
    return distance / size if size else 0.0


def norm(array):
    """Scaled, because router_margin may be the largest double there is."""
    largest = float(np.abs(array).max(initial=0.0))
    return largest * float(np.linalg.norm(array / largest)) if largest else 0.0
