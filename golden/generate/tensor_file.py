# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The safetensors container, written tensor by tensor and read by its header: 8 bytes of length, JSON, raw data.
Written here because numpy has no bfloat16, and because a shard should never stand whole in memory."""
import hashlib
import json
import math
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

from golden.generate.errors import CannotError

TAGS = {"bfloat16": "BF16", "float16": "F16", "float32": "F32"}
SIZES = {"bfloat16": 2, "float16": 2, "float32": 4}
NAMES = {tag: name for name, tag in TAGS.items()}


def byte_count(dtype, shape):
    return SIZES[dtype] * math.prod(shape)


def write_tensor_file(path, tensors, data):
    """tensors: {name: (dtype, shape)}; data(name) -> the array in the bytes of that dtype (bfloat16: uint16 bits)."""
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, (dtype, shape) in tensors.items():
        size = byte_count(dtype, shape)
        header[name] = {"dtype": TAGS[dtype], "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # data start on a multiple of 8
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, (dtype, shape) in tensors.items():
            array = data(name)
            if array.nbytes != byte_count(dtype, shape):
                raise CannotError(f"{name}: expected {byte_count(dtype, shape)} bytes, found {array.nbytes}")
            array.tofile(file)


@dataclass(frozen=True)
class StoredTensor:
    dtype: str
    shape: tuple
    file: Path
    start: int  # of the bytes in the file
    end: int


def read_header(path):
    """{name: StoredTensor} of one file."""
    try:
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
    except (OSError, struct.error, ValueError, MemoryError, OverflowError) as error:
        raise CannotError(f"{path}: expected a safetensors file, found: {error}") from error
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        if entry["dtype"] not in NAMES:
            raise CannotError(f"{path}/{name}: expected one of {sorted(NAMES)}, found {entry['dtype']}")
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = StoredTensor(NAMES[entry["dtype"]], tuple(entry["shape"]), Path(path), start, end)
    return tensors


def read_checkpoint_headers(directory):
    """{name: StoredTensor} of all shards of a checkpoint directory; of two answers the single file, as the library."""
    directory = Path(directory)
    index = directory / "model.safetensors.index.json"
    if index.is_file() and not (directory / "model.safetensors").is_file():
        try:
            names = sorted(set(json.loads(index.read_text())["weight_map"].values()))
        except (ValueError, KeyError, AttributeError) as error:
            raise CannotError(f"{index}: expected a weight_map, found: {error!r}") from error
    else:
        names = ["model.safetensors"]
    tensors = {}
    for name in names:
        if not (directory / name).is_file():
            raise CannotError(f"{directory}: expected the weights file {name}, found none")
        tensors |= read_header(directory / name)
    return tensors


def sha256_of(tensor):
    """Lower-case hex of the raw bytes, read through a map so that the tensor is never copied."""
    with open(tensor.file, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        with memoryview(mapped) as view:
            return hashlib.sha256(view[tensor.start : tensor.end]).hexdigest()
