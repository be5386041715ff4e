# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""A checkpoint directory as its files have it: config fields and tensors by name. It needs neither torch nor
transformers, so that it can be read in the Python of any peer."""
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from golden.generate.errors import CannotError
from golden.generate.tensor_file import read_checkpoint_headers

ARCHITECTURES = ("granitemoe", "granitemoeshared", "granitemoehybrid", "phimoe")
VIEWS = {"bfloat16": np.uint16, "float16": np.float16, "float32": np.float32}


@dataclass(frozen=True)
class Checkpoint:
    directory: Path
    fields: dict  # config.json
    tensors: dict  # name -> StoredTensor

    @property
    def model_type(self):
        return self.fields["model_type"]

    @property
    def head_size(self):
        return self.fields.get("head_dim") or self.fields["hidden_size"] // self.fields["num_attention_heads"]

    @property
    def experts(self):
        return self.fields.get("num_local_experts") or 0

    @property
    def experts_per_token(self):
        return 2 if self.model_type == "phimoe" else self.fields["num_experts_per_tok"]

    @property
    def mixers(self):
        """"attention" or "mamba", a layer each."""
        layers = self.fields["num_hidden_layers"]
        if self.model_type != "granitemoehybrid":
            return ["attention"] * layers
        return ["attention" if kind in ("attention", "full_attention") else "mamba" for kind in self.layer_types]

    @property
    def layer_types(self):
        return self.fields.get("layer_types") or ["mamba"] * self.fields["num_hidden_layers"]

    @property
    def parameters(self):
        return sum(int(np.prod(tensor.shape)) for tensor in self.tensors.values())

    def read(self, name):
        """The array of one tensor, mapped; bfloat16 as its bits."""
        tensor = self.tensors[name]
        return np.memmap(tensor.file, VIEWS[tensor.dtype], "r", tensor.start, tuple(tensor.shape))


def open_checkpoint(directory):
    directory = Path(directory)
    path = directory / "config.json"
    try:
        fields = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise CannotError(f"{path}: expected the config of a checkpoint, found: {error}") from error
    model_type = fields.get("model_type") if isinstance(fields, dict) else None
    if model_type not in ARCHITECTURES:
        raise CannotError(f"{path}/model_type: expected one of {', '.join(ARCHITECTURES)}, found {model_type!r}")
    needed = ("hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "vocab_size")
    for key in needed:
        if not isinstance(fields.get(key), int):
            raise CannotError(f"{path}/{key}: expected a whole number, found {fields.get(key)!r}")
    return Checkpoint(directory, fields, read_checkpoint_headers(directory))
