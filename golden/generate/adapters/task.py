# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""What an adapter takes from a golden: the model and the calls, none of the values that somebody computed of them."""
import contextlib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import h5py

from golden.generate.errors import CannotError
from golden.generate.model import embedded_checkpoint
from golden.generate.stored import logical_dtype, read_array, read_call, text_of
from golden.generate.tensor_file import read_checkpoint_headers, sha256_of
from golden.generate.writer import SCHEMA


@dataclass(frozen=True)
class Task:
    """A golden without its values."""

    path: Path
    case: str
    model_type: str
    seed: int
    config_text: str
    calls: list  # Call
    not_recorded: tuple  # names of sites that a dump need not hold either
    weights: dict | None  # name -> (dtype, array of the bytes on disk); None: they are in `checkpoint`
    checkpoint: dict | None  # path, and the sha256 of every tensor
    more_attributes: dict  # of the root, name -> text: in which of several ways transformers computed

    @contextlib.contextmanager
    def checkpoint_directory(self):
        """Where the model is, on disk. A checkpoint must be the one that the golden was made of."""
        if self.weights is not None:
            with embedded_checkpoint(self.config_text, self.weights) as directory:
                yield directory
            return
        directory = self.checkpoint["path"]
        for name, tensor in read_checkpoint_headers(Path(directory)).items():
            expected = self.checkpoint["tensors"].get(name, {}).get("sha256")
            if sha256_of(tensor) != expected:
                raise CannotError(f"{directory}/{name}: expected the sha256 {expected} of {self.path}, found another")
        yield directory

    def weights_sha256(self):
        """As golden/FORMAT.md defines it: of a line "name dtype shape sha256" of each tensor."""
        if self.weights is None:
            tensors = {n: (t["dtype"], t["shape"], t["sha256"]) for n, t in self.checkpoint["tensors"].items()}
        else:
            tensors = {n: (d, a.shape, hashlib.sha256(a.tobytes()).hexdigest()) for n, (d, a) in self.weights.items()}
        lines = [f"{name} {dtype} {list(shape)} {digest}\n" for name, (dtype, shape, digest) in sorted(tensors.items())]
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def read_task(path):
    path = Path(path)
    try:
        with h5py.File(path, "r") as file:
            found = f"{text_of(file.attrs.get('schema'))}, {text_of(file.attrs.get('kind'))}"
            if found != f"{SCHEMA}, golden":
                raise CannotError(f"{path}: expected the schema {SCHEMA} and the kind golden, found {found}")
            if "calls" not in file:
                raise CannotError(f"{path}: expected calls to repeat, found none: it is of a generation")
            embedded = text_of(file.attrs["weights"]) == "embedded"
            left_out = text_of(file.attrs.get("not_recorded", b""))
            return Task(
                path=path,
                case=text_of(file.attrs["case"]),
                model_type=text_of(file.attrs["model_type"]),
                seed=int(file.attrs["seed"]),
                config_text=read_array(file["config"]).tobytes().decode(),
                calls=[read_call(file["calls"][name]) for name in sorted(file["calls"])],
                not_recorded=tuple(left_out.split(", ")) if left_out else (),
                weights={name: (logical_dtype(data), read_array(data)) for name, data in file["weights"].items()}
                if embedded else None,
                checkpoint=None if embedded else json.loads(read_array(file["checkpoint"]).tobytes()),
                more_attributes={
                    name: text_of(file.attrs[name]) for name in ("phimoe_longrope",) if name in file.attrs
                },
            )
    except (OSError, KeyError) as error:
        raise CannotError(f"{path}: expected a golden, found: {error}") from error
