# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Ways to run a model of transformers that are as right as the one a golden records, and round otherwise. Which of them
move a bit of a given model is not known here."""
import contextlib
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from golden.generate.conditioning import PRODUCTS, OtherOrder
from golden.generate.library import active
from golden.generate.truth import body_of

PARTIAL_SUMS = (8, 16, 32)
CHUNKS = (1, 2, 5)


@dataclass(frozen=True)
class Knob:
    """One run, as /null/runs of a golden names it."""

    knob: str
    seed: int | None = None
    value: int | None = None

    def as_json(self):
        return {name: value for name, value in vars(self).items() if value is not None}


def special_knobs(config, layout, calls, rows_without_a_key):
    """All but the orders, of which there are as many as anyone wants."""
    knobs = [Knob("partial_sums", value=width) for width in PARTIAL_SUMS] + [Knob("sequential")]
    # For a query that sees no key, sdpa gives zeros and eager attention the mean of all values.
    if layout.attention_layers and active.can_switch_attention(config) and not rows_without_a_key:
        knobs.append(Knob("sdpa"))
    if layout.experts:
        knobs += [Knob(name) for name in active.OTHER_EXPERTS if name != "grouped_mm" or is_aligned(layout)]
    if "mamba" in layout.mixers and any(call.tokens > 1 for call in calls):
        knobs += [Knob("chunk", value=chunk) for chunk in CHUNKS if chunk != config.mamba_chunk_size]
    return knobs


def is_aligned(layout):
    """The kernel of grouped_mm wants rows of whole 16 bytes, of bfloat16 too."""
    return layout.extents["D"] % 8 == 0 and layout.extents["I"] % 8 == 0


@contextlib.contextmanager
def turned(knob, model):
    """The model runs so meanwhile."""
    if knob.knob == "order":
        with OtherOrder(knob.seed):
            yield
    elif knob.knob in ("partial_sums", "sequential"):
        with PartialSums(knob.value or 1):
            yield
    elif knob.knob == "sdpa":
        with changed([model.config], "_attn_implementation", "sdpa"):
            yield
    elif knob.knob == "chunk":
        with changed([layer.mamba for layer in body_of(model).layers if is_mamba(layer)], "chunk_size", knob.value):
            yield
    else:
        with changed([model.config], "_experts_implementation", knob.knob):
            yield


def is_mamba(layer):
    return getattr(layer, "mamba", None) is not None


@contextlib.contextmanager
def changed(items, name, value):
    before = [getattr(item, name) for item in items]
    try:
        for item in items:
            setattr(item, name, value)
        yield
    finally:
        for item, old in zip(items, before):
            setattr(item, name, old)


class PartialSums(TorchFunctionMode):
    """Every sum of products as the sum, in order, of sums of `width` products; of single products where that is 1.
    What is narrower than float32 is added in float32 and rounded once, as kernels do."""

    def __init__(self, width):
        super().__init__()
        self.width = width

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is F.linear:
            bias = args[2] if len(args) > 2 else (kwargs or {}).get("bias")
            total = self.product(args[0], args[1].t().contiguous())
            return (total if bias is None else total + bias).to(args[0].dtype)
        if func in PRODUCTS:
            return self.product(*args).to(args[0].dtype)
        return func(*args, **(kwargs or {}))

    def product(self, left, right):
        """[..., M, K] and [..., K, N] -> [..., M, N]"""
        left, right = left.float(), right.float()
        total = None
        for start in range(0, left.shape[-1], self.width):
            block = slice(start, start + self.width)
            if self.width == 1:  # elementwise, so that no kernel fuses multiplication and addition
                part = left[..., block] * right[..., block, :]
            else:
                part = left[..., block] @ right[..., block, :]
            total = part if total is None else total.add_(part)
        return total
