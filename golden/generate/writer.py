# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Writes a golden as HDF5, laid out and encoded as golden/FORMAT.md says. It decides nothing about the contents."""
import hashlib
import json
import os
from pathlib import Path

import h5py
import numpy as np

from golden.generate.calls import ARRAYS, FLAGS
from golden.generate.errors import CannotError
from golden.generate.sites import layer_path, ordered_sites

SCHEMA, SCHEMA_VERSION = "assay.golden", "1.1"
CHUNKED_FROM_BYTES = 512
CHUNK_LIMIT_BYTES = 1 << 20


def write_golden(
    path, *, case, model_type, seed, config_text, provenance, recording, layout, weights=None, checkpoint=None,
    more_attributes=None,
):
    """weights: {name: (dtype, array)} for an embedded golden, else checkpoint: a JSON object; more_attributes: of the
    root, name -> text. Atomic: an existing file stays as it is until the new one is complete."""
    path = Path(path)
    temporary = path.with_name(path.name + ".tmp")
    try:
        with h5py.File(temporary, "w", libver=("v110", "v110")) as file:
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
        with open(temporary, "rb") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise CannotError(f"{path}: expected to be able to write there, found: {error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def put_calls(file, recording, layout):
    for number, call in enumerate(recording.calls):
        group = file.create_group(f"calls/{number:03d}")
        group.attrs["continues"] = np.int64(call.continues)
        group.attrs["use_cache"] = np.int64(call.use_cache)
        put_inputs(group, call)
        for side, runs in (("truth", recording.truth), ("hf32", recording.hf32)):
            if runs is None:
                continue
            for order, site in enumerate(ordered_sites(layout, call)):
                if site in runs[number]:
                    put_array(group, f"{side}/{site}", runs[number][site], {"order": np.int64(order)})


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


def put_text(file, name, text):
    put_array(file, name, np.frombuffer(text.encode(), dtype=np.uint8))


def put_array(group, name, array, attributes=None):
    """Chunked data carry fletcher32. Small data stand contiguous, for a chunk index would be larger than they are, with
    the sha256 of their bytes in its place."""
    array = np.asarray(array, order="C")  # a scalar stays one
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    if array.nbytes >= CHUNKED_FROM_BYTES:
        dataset = group.create_dataset(
            name, data=array, chunks=chunk_shape(array), shuffle=True, compression="gzip", compression_opts=1,
            fletcher32=True, track_times=False,
        )
    else:
        dataset = group.create_dataset(name, data=array, track_times=False)
        dataset.attrs["sha256"] = np.bytes_(hashlib.sha256(array.tobytes()).hexdigest().encode())
    for key, value in (attributes or {}).items():
        dataset.attrs[key] = np.bytes_(value.encode()) if isinstance(value, str) else value


def chunk_shape(array):
    """Whole rows of the last extents, as many of the first as stay within the limit."""
    shape = list(array.shape)
    for axis in range(len(shape)):
        rest = array.itemsize * int(np.prod(shape[axis + 1 :], dtype=np.int64))
        shape[axis] = max(1, min(shape[axis], CHUNK_LIMIT_BYTES // rest))
        if rest <= CHUNK_LIMIT_BYTES:
            break
    return tuple(shape)
