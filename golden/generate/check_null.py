# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Checks the null distribution of a golden: that its gates are those which the file of gates has, and that runs made
again are off by as much as they were. Not to the bit: other processors round otherwise."""
import numpy as np

from golden.generate.errors import DiffersError
from golden.generate.gates import entry_of, read_gates
from golden.generate.knobs import Knob
from golden.generate.noise import UNIT, as_matrix, is_measured
from golden.generate.null import make_null
from golden.generate.record import null_runs
from golden.generate.sites import layout_of, site_name

# Of each of these kinds the first run is made again: 16 runs a golden would take longer than everything else.
KINDS = ("partial_sums", "sequential", "order")
# What a site is off by in all calls, layers and runs together may change by this factor, and be so many units in the
# last place more or less whatever the factor.
FACTOR, FLOOR_UNITS = 2.0, 8


def check_gates(path, gates):
    """Raises unless the golden's gates, derived anew, are those of the file."""
    case, entry = entry_of(path)
    found = read_gates(gates)["goldens"].get(case)
    if found != entry:
        raise DiffersError(
            f"{gates}: expected of {case} the gates that its null distribution gives, found "
            f"{'none' if found is None else 'others'}; script/golden calibrate {path}"
        )


def check_runs(path, golden, model, again):
    """golden: as stored; again: a Recording of the same calls."""
    chosen = {}
    for row, fields in enumerate(golden.runs, start=1):
        if fields["knob"] in KINDS:
            chosen.setdefault(fields["knob"], (row, Knob(**fields)))
    if not chosen:
        return
    rows, knobs = zip(*chosen.values())
    tables = [values.get("rope_inv_freq") for values in golden.truth]
    runs = null_runs(model, layout_of(model.config), again.calls, golden.truth, again.truth, tables)
    null = make_null(runs, again.hf32, not_recorded=golden.not_recorded, knobs=knobs)
    old, new, sizes = {}, {}, {}
    for expected, stored, found in zip(runs.expected, golden.null, null.calls):
        paths = [site for site, array in expected.items() if is_measured(site, array)]
        for column, site in enumerate(paths):
            name = site_name(site)
            for squares, errors in ((old, stored["l2"][list(rows), column]), (new, found["l2"][1:, column])):
                squares[name] = squares.get(name, 0.0) + float((errors**2).sum())
            sizes[name] = sizes.get(name, 0.0) + len(rows) * float((as_matrix(site, expected[site]) ** 2).sum())
    for name, size in sizes.items():
        before, after, floor = np.sqrt([old[name], new[name], size * (FLOOR_UNITS * UNIT["hf32"]) ** 2])
        if not max(before, after) <= FACTOR * max(min(before, after), floor):
            raise DiffersError(
                f"{path.name} null {name}: expected {', '.join(chosen)} to be off by {before:.2g}, found {after:.2g}"
            )
