# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Writes what an engine computed of a golden's calls as a dump of golden/FORMAT.md."""
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from golden.generate.errors import CannotError
from golden.generate.self_check import check_shape
from golden.generate.sites import DTYPES, ONLY_IN_TRUTH, extents_of, ordered_sites, site_name
from golden.generate.writer import SCHEMA, SCHEMA_VERSION, new_file, put_array, put_call, put_text


@dataclass(frozen=True)
class Dump:
    """What an engine made of a Task, and how it ran."""

    engine: str  # name, version and setting
    precision: str  # "f32" or "bf16"
    provenance: dict
    calls: list  # Call: those that were made, the first ones of the golden
    values: list  # path -> array, a call each
    not_provided: frozenset = frozenset()  # names of sites that the engine does not show
    attributes: dict = field(default_factory=dict)  # more of the root: name -> text or number


def write_dump(path, task, layout, dump):
    """Refuses values that are not the sites of the calls: exactly those that are neither in not_provided nor left out
    of the golden, each in its shape. What they are, also NaN, is for the judge. Returns the lines to print."""
    path = Path(path)
    planned = [planned_sites(task, layout, call) for call in dump.calls]
    for number, (call, sites, values) in enumerate(zip(dump.calls, planned, dump.values)):
        check_values(f"{dump.engine} call {number}", layout, call, sites, values, dump.not_provided)
    absent = {site_name(site) for sites in planned for site in sites} & dump.not_provided
    with new_file(path) as file:
        attributes = {
            "schema": SCHEMA, "schema_version": SCHEMA_VERSION, "kind": "dump", "case": task.case,
            "model_type": task.model_type, "weights": "none", "weights_sha256": task.weights_sha256(),
            "engine": dump.engine, "precision": dump.precision,
        } | task.more_attributes | dump.attributes
        if absent:
            attributes["not_provided"] = ", ".join(sorted(absent))
        for name, value in attributes.items():
            file.attrs[name] = np.bytes_(value.encode()) if isinstance(value, str) else np.int64(value)
        file.attrs["seed"] = np.int64(task.seed)
        put_text(file, "config", task.config_text)
        put_text(file, "provenance", json.dumps(dump.provenance, indent=1, sort_keys=True))
        for number, (call, sites, values) in enumerate(zip(dump.calls, planned, dump.values)):
            group = put_call(file, number, call)
            for site, order in sites.items():
                if site in values:
                    put_array(group, f"actual/{site}", stored(site, values[site]), {"order": np.int64(order)})
    sites = sum(len(values) for values in dump.values)
    line = f"{path}: {path.stat().st_size:,} bytes, {len(dump.calls)} calls, {sites} sites of {dump.engine}"
    return line + (f"\nnot provided: {attributes['not_provided']}" if absent else "")


def planned_sites(task, layout, call):
    """Path -> its place in the order of execution, of the sites that the golden holds of the call."""
    return {
        site: order for order, site in enumerate(ordered_sites(layout, call))
        if site_name(site) not in task.not_recorded and site_name(site) not in ONLY_IN_TRUTH
    }


def check_values(where, layout, call, sites, values, not_provided):
    expected = [site for site in sites if site_name(site) not in not_provided]
    missing = [site for site in expected if site not in values]
    extra = [site for site in values if site not in expected]
    if missing or extra:
        raise CannotError(f"{where}: expected the sites that are provided, found missing {missing}, extra {extra}")
    shapes, extents = ordered_sites(layout, call), extents_of(layout, call)
    for site in expected:
        check_shape(f"{where} {site}", values[site].shape, shapes[site], extents)


def stored(site, array):
    return array.astype(DTYPES.get(site_name(site), "float32"), copy=False)
