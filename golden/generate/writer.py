# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Writes a golden as HDF5, laid out and encoded as golden/FORMAT.md says. It decides nothing about the contents."""
import contextlib
import hashlib
import json
import os
import shutil
from pathlib import Path

import h5py
import numpy as np

from golden.generate.calls import ARRAYS, FLAGS
from golden.generate.errors import CannotError
from golden.generate.sites import layer_path, ordered_sites

SCHEMA, SCHEMA_VERSION = "assay.golden", "1.2"
CHUNKED_FROM_BYTES = 512
CHUNK_LIMIT_BYTES = 1 << 20


def write_golden(
    path, *, case, model_type, seed, config_text, provenance, recording, layout, weights=None, checkpoint=None,
    more_attributes=None,
):
    """weights: {name: (dtype, array)} for an embedded golden, else checkpoint: a JSON object; more_attributes: of the
    root, name -> text."""
    with new_file(path) as file:
        embedded = weights is not None
        attributes = {
            "schema": SCHEMA, "schema_version": SCHEMA_VERSION, "kind": "golden", "case": case,
            "model_type": model_type, "weights": "embedded" if embedded else "checkpoint",
        } | (more_attributes or {})
        for name, text in attributes.items():
            file.attrs[name] = np.bytes_(text.encode())
        file.attrs["seed"] = np.int64(seed)
        put_text(file, "config", config_text)
        put_text(file, "provenance", json.dumps(provenance, indent=1, sort_keys=True))
        if embedded:
            for name, (dtype, array) in weights.items():
                put_array(file, f"weights/{name}", array, {"logical_dtype": dtype} if dtype == "bfloat16" else {})
        else:
            put_text(file, "checkpoint", json.dumps(checkpoint, indent=1))
        put_calls(file, recording, layout)
        for null in recording.nulls:
            put_null(file, null)
        if recording.generation is not None:
            put_generation(file.create_group("generation"), recording.generation)
            if recording.generation.null is not None:
                put_generation_null(file, recording.generation.null)


@contextlib.contextmanager
def new_file(path, from_old=False):
    """An HDF5 file that gets its name when it is complete; until then an existing one stays as it is. from_old: the new one
    begins with what the old one holds."""
    path = Path(path)
    temporary = path.with_name(path.name + ".tmp")
    try:
        if from_old:
            shutil.copyfile(path, temporary)
        with h5py.File(temporary, "r+" if from_old else "w", libver=("v110", "v110")) as file:
            yield file
        with open(temporary, "rb") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise CannotError(f"{path}: expected to be able to write there, found: {error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def put_calls(file, recording, layout):
    for number, call in enumerate(recording.calls):
        group = put_call(file, number, call)
        for side, runs in (("truth", recording.truth), ("hf32", recording.hf32), ("hf_bf16", recording.hf_bf16)):
            if runs is not None:
                put_sites(group, side, layout, call, runs[number])


def put_sites(group, side, layout, call, values):
    """values: path -> array"""
    for order, site in enumerate(ordered_sites(layout, call)):
        if site in values:
            put_array(group, f"{side}/{site}", values[site], {"order": np.int64(order)})


def put_call(file, number, call):
    """What a call was given. Returns its group."""
    group = file.create_group(f"calls/{number:03d}")
    group.attrs["continues"] = np.int64(call.continues)
    group.attrs["use_cache"] = np.int64(call.use_cache)
    put_inputs(group, call)
    return group


def put_null(file, null):
    """null: a Null. The runs of several sides are the same ones."""
    for number, figures in enumerate(null.calls):
        put_figures(file, f"calls/{number:03d}", null, figures)


def put_generation_null(file, null):
    put_figures(file, "generation", null, null.calls[0])


def put_figures(file, group, null, figures):
    if "null" not in file:
        put_text(file, "null/runs", json.dumps([knob.as_json() for knob in null.runs]))
        file["null"].attrs["runs"] = np.int64(len(null.runs))
    for name, array in figures.items():
        put_array(file, f"{group}/null/{null.side}/{name}", array)


def put_inputs(group, call):
    for name in ARRAYS:
        if getattr(call, name) is not None:
            put_array(group, f"inputs/{name}", getattr(call, name))
    for name in ("logits_to_keep", *FLAGS, "num_items_in_batch"):
        if getattr(call, name):
            group.attrs[name] = np.int64(getattr(call, name))
    if call.packed is not None:
        put_array(group, "inputs/seq_idx", call.packed.seq_idx)
        for letter in "qk":
            put_array(group, f"inputs/cu_seq_lens_{letter}", call.packed.cu_seq_lens)
            group.attrs[f"max_length_{letter}"] = np.int64(call.packed.lengths.max())
    if call.past_key_values is not None:
        past = group.create_group("inputs/past_key_values")
        past.attrs["tokens"] = np.int64(call.past_key_values.tokens)
        for index, layer in enumerate(call.past_key_values.layers):
            for name, array in layer.items():
                put_array(past, layer_path(index, name), array)


def put_generation(group, run):
    """run: a Generation."""
    group.attrs["max_new_tokens"] = np.int64(run.plan.max_new_tokens)
    group.attrs["do_sample"] = np.int64(run.plan.do_sample)
    group.attrs["pad_token_id"] = np.int64(run.pad)
    for name, value in run.plan.processors.set_ones().items():
        group.attrs[name] = np.int64(value) if name == "top_k" else np.float64(value)
    arrays = {
        "eos_token_id": run.eos, "inputs/input_ids": run.input_ids, "inputs/attention_mask": run.attention_mask,
        "inputs/uniform": run.uniform, "sequences": run.sequences,
        **{f"{side}/{name}": array for side in ("truth", "hf32") for name, array in getattr(run, side).items()},
    }
    for name, array in arrays.items():
        if array is not None:
            put_array(group, name, array)


def put_text(file, name, text):
    put_array(file, name, np.frombuffer(text.encode(), dtype=np.uint8))


def put_array(group, name, array, attributes=None):
    """Chunked data carry fletcher32. Small data stand contiguous, for a chunk index would be larger than they are, with
    the sha256 of their bytes in its place. By HDF5's own functions: a golden has hundreds of data sets, and the
    comfortable ones take three times as long."""
    array = np.asarray(array, order="C")  # a scalar stays one
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_obj_track_times(False)
    attributes = dict(attributes or {})
    if array.nbytes >= CHUNKED_FROM_BYTES:
        creation.set_chunk(chunk_shape(array))
        creation.set_shuffle()
        creation.set_deflate(1)
        creation.set_fletcher32()
    else:
        attributes = {"sha256": hashlib.sha256(array.tobytes()).hexdigest()} | attributes
    parents = h5py.h5p.create(h5py.h5p.LINK_CREATE)
    parents.set_create_intermediate_group(True)
    data_type = h5py.h5t.py_create(array.dtype)
    space = h5py.h5s.create_simple(array.shape)
    dataset = h5py.h5d.create(group.id, name.encode(), data_type, space, creation, lcpl=parents)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, array)
    for key, value in attributes.items():
        put_attribute(dataset, key, value)


def put_attribute(item, name, value):
    value = np.array(np.bytes_(value.encode()) if isinstance(value, str) else value)
    space = h5py.h5s.create(h5py.h5s.SCALAR)
    attribute = h5py.h5a.create(item, name.encode(), h5py.h5t.py_create(value.dtype), space)
    attribute.write(value)


def chunk_shape(array):
    """Whole rows of the last extents, as many of the first as stay within the limit."""
    shape = list(array.shape)
    for axis in range(len(shape)):
        rest = array.itemsize * int(np.prod(shape[axis + 1 :], dtype=np.int64))
        shape[axis] = max(1, min(shape[axis], CHUNK_LIMIT_BYTES // rest))
        if rest <= CHUNK_LIMIT_BYTES:
            break
    return tuple(shape)
