# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""A checkpoint in the tensors that llama.cpp asks for, where transformers stores them apart or not at all: PhiMoE's
experts as one tensor, zeros for a bias that llama.cpp adds unconditionally, and a head or an embedding that is tied."""
import re
from dataclasses import dataclass

import numpy as np

from golden.generate.adapters.checkpoint import Checkpoint

EXPERT = re.compile(r"(model\.layers\.\d+\.block_sparse_moe\.experts)\.(\d+)\.(w[123]\.weight)")


@dataclass(frozen=True)
class BuiltTensor:
    """Stands where a StoredTensor does; its values are those of others, or zeros."""

    dtype: str
    shape: tuple
    sources: tuple = ()  # names, one behind the other on a new first axis; one that is to stay as it is; none: zeros


class CompletedCheckpoint(Checkpoint):
    def read(self, name):
        tensor = self.tensors[name]
        if not isinstance(tensor, BuiltTensor):
            return super().read(name)
        parts = [self.stored.read(source) for source in tensor.sources]
        if not parts:
            return np.zeros(tensor.shape, dtype=np.float32)
        return np.stack(parts) if parts[0].shape != tensor.shape else parts[0]


def completed(checkpoint):
    tensors = dict(checkpoint.tensors)
    merge_experts(tensors)
    complete_head(tensors, checkpoint)
    add_biases(tensors, checkpoint)
    whole = CompletedCheckpoint(checkpoint.directory, checkpoint.fields, tensors)
    object.__setattr__(whole, "stored", checkpoint)
    return whole


def merge_experts(tensors):
    parts = {}
    for name in list(tensors):
        if (match := EXPERT.fullmatch(name)) is not None:
            parts.setdefault(f"{match[1]}.{match[3]}", {})[int(match[2])] = name
    for merged, experts in parts.items():
        names = tuple(experts[number] for number in range(len(experts)))
        first = tensors[names[0]]
        tensors[merged] = BuiltTensor(first.dtype, (len(names), *first.shape), names)
        for name in names:
            del tensors[name]


def complete_head(tensors, checkpoint):
    """Tied: one tensor is both, whichever is stored; of two that are stored transformers 5 ties none. llama.cpp takes
    the embedding for a head that is missing, but not in phimoe."""
    embedding, head = "model.embed_tokens.weight", "lm_head.weight"
    if embedding not in tensors and head in tensors:
        tensors[embedding] = tensors[head]
    if checkpoint.model_type == "phimoe" and head not in tensors:
        tensors[head] = tensors[embedding]


def add_biases(tensors, checkpoint):
    fields = checkpoint.fields
    wanted = {}
    for layer, mixer in enumerate(checkpoint.mixers):
        if mixer == "mamba":
            channels = fields["mamba_n_heads"] * fields["mamba_d_head"]
            channels += 2 * fields["mamba_n_groups"] * fields["mamba_d_state"]
            wanted[f"model.layers.{layer}.mamba.conv1d.bias"] = channels
        elif checkpoint.model_type == "phimoe":
            wanted[f"model.layers.{layer}.self_attn.o_proj.bias"] = fields["hidden_size"]
    if checkpoint.model_type == "phimoe":
        wanted["lm_head.bias"] = fields["vocab_size"]
    for name, size in wanted.items():
        tensors.setdefault(name, BuiltTensor("float32", (size,)))
