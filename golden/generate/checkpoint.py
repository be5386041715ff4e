# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Writes a checkpoint of a published shape with random weights: config.json, shards and their index, as published files
look. Tensors are drawn and written one at a time, so that memory stays far below the model."""
import json
import os
import shutil
from pathlib import Path

from golden.generate import progress
from golden.generate.errors import CannotError
from golden.generate.manifest import manifest
from golden.generate.model import read_config
from golden.generate.random_weights import draw_fast
from golden.generate.shapes import find_shape, with_layers
from golden.generate.tensor_file import TAGS, byte_count, write_tensor_file

SHARD_BYTES = 1_000_000_000
# Marks a directory as written by this program, and thus as one it may overwrite.
MARK = "assay-random-weights.json"


def make_checkpoint(like, layers, dtype, seed, out, force):
    """Returns (parameters, bytes of the shards)."""
    fields = find_shape(like)
    if layers is not None:
        fields = with_layers(fields, layers)
    fields["torch_dtype"] = dtype
    text = json.dumps(fields, indent=2, sort_keys=True) + "\n"
    config = read_config(text, f"--like {like}")
    tensors = {name: (dtype, shape) for name, shape in manifest(config).items()}
    total = sum(byte_count(*tensor) for tensor in tensors.values())
    directory = claim_directory(Path(out), total, force)
    try:
        write_shards(directory, config, tensors, total, seed)
        write_json(directory / MARK, {"like": like, "seed": seed, "dtype": dtype, "layers": config.num_hidden_layers})
        write_text(directory / "config.json", text)
    except OSError as error:
        raise CannotError(f"{directory}: expected to be able to write there, found: {error}") from error
    return total // byte_count(dtype, (1,)), total


def claim_directory(directory, total, force):
    """Makes the directory, or empties one of ours; never one with the files of someone else."""
    if directory.exists() and not directory.is_dir():
        raise CannotError(f"--out {directory}: expected a directory, found a file")
    try:
        if directory.is_dir() and any(directory.iterdir()):
            if not (directory / MARK).is_file() and not force:
                raise CannotError(
                    f"--out {directory}: expected no directory, an empty one or one made by this program, found files; "
                    "--force writes there all the same"
                )
            for old in [*directory.glob("model*.safetensors*"), directory / "config.json"]:
                old.unlink(missing_ok=True)
        directory.mkdir(parents=True, exist_ok=True)
        # Marked before the first byte: what an interrupted run leaves behind can be overwritten too.
        write_json(directory / MARK, {"complete": False})
        free = shutil.disk_usage(directory).free
    except OSError as error:
        raise CannotError(f"--out {directory}: expected to be able to write there, found: {error}") from error
    if free < total:
        raise CannotError(f"--out {directory}: expected {total:,} free bytes, found {free:,}")
    return directory


def plan_shards(tensors):
    """In order, as many tensors a shard as fit; one larger than a shard stands alone."""
    shards, size = [{}], 0
    for name, tensor in tensors.items():
        if shards[-1] and size + byte_count(*tensor) > SHARD_BYTES:
            shards.append({})
            size = 0
        shards[-1][name] = tensor
        size += byte_count(*tensor)
    return shards


def write_shards(directory, config, tensors, total, seed):
    places = {name: index for index, name in enumerate(tensors)}
    shards = plan_shards(tensors)
    weight_map, done = {}, 0
    for number, shard in enumerate(shards, start=1):
        name = f"model-{number:05d}-of-{len(shards):05d}.safetensors"

        def data(tensor):
            nonlocal done
            dtype, shape = tensors[tensor]
            array = draw_fast(config, tensor, shape, dtype, seed, places[tensor])
            done += array.nbytes
            progress.show(f"{done / 1e9:.2f} of {total / 1e9:.2f} GB" if done < total else "")
            return array

        temporary = directory / (name + ".tmp")
        write_tensor_file(temporary, shard, data)
        os.replace(temporary, directory / name)
        weight_map |= dict.fromkeys(shard, name)
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(weight_map.items()))}
    write_json(directory / "model.safetensors.index.json", index)


def write_json(path, value):
    write_text(path, json.dumps(value, indent=2) + "\n")


def write_text(path, text):
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text)
    os.replace(temporary, path)


DTYPES = tuple(TAGS)
