# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Proves that a model is exact in float32: each sum of products is one of integers times a power of two that stay below
24 bits whatever is added first; the truth is the same numbers; and so are runs of transformers with other orders,
kernels and chunks. What is not is refused."""
import numpy as np
import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from golden.generate.conditioning import PRODUCTS
from golden.generate.errors import TooCloseError
from golden.generate.knobs import Knob, special_knobs, turned
from golden.generate.margins import router_margin
from golden.generate.sites import DTYPES, layer_path, ordered_sites, site_name

BITS = 24  # of a float32
ORDERS = 8
# What an engine computes itself by a power that no two libraries round alike.
NEVER_EXACT = {"rope_inv_freq", "router_margin"}
PER_SLOT = {"router_weights", "router_experts", "expert_gate_up", "expert_act", "expert_out"}


def exact_sites(layout, recording):
    """Names, in the order of execution: all floating-point ones that were recorded."""
    names = [
        site_name(path) for call, values in zip(recording.calls, recording.hf32)
        for path in ordered_sites(layout, call) if path in values and values[path].dtype.kind == "f"
    ]
    return tuple(name for name in dict.fromkeys(names) if name not in NEVER_EXACT)


def refuse_inexact(model, layout, calls, hf32, truth, run):
    """run(calls): the values of another float32 run of the model; hf32, truth: path -> array, a call each. Raises
    TooCloseError, for with other weights it may be exact."""
    for number, (call, values) in enumerate(zip(calls, hf32)):
        for index in range(len(layout.mixers) if layout.experts else 0):
            refuse_open_choice(f"call {number} layer {index}", model.config, values[layer_path(index, "router_logits")])
    with ExactSums() as sums:
        run(calls)
    if sums.broken:
        raise TooCloseError(f"exact: expected sums below {BITS} bits, found {sums.broken[0]}")
    refuse_other_bits("truth", model.config, calls, hf32, truth)
    for knob in [*special_knobs(model.config, layout, calls, False), *(Knob("order", seed=s) for s in range(ORDERS))]:
        with turned(knob, model):
            refuse_other_bits(knob.as_json(), model.config, calls, hf32, run(calls))


def refuse_open_choice(where, config, logits):
    """Twins share a weight, so torch may choose either first; which experts are chosen must not be open. The first
    expert of several is the one in a PhiMoE."""
    if config.model_type != "phimoe" and not router_margin(config, logits.astype(np.float64)).min() > 0:
        raise TooCloseError(f"{where} router_logits: expected a choice, found a tie of one chosen and one that is not")


def refuse_other_bits(what, config, calls, hf32, others):
    """Equal as numbers, expert by expert."""
    for number, (values, other) in enumerate(zip(hf32, others)):
        for path, array in values.items():
            name = site_name(path)
            if name in NEVER_EXACT or path not in other:
                continue
            found = other[path]
            if name in PER_SLOT:
                array, found = in_order_of_experts(path, array, values), in_order_of_experts(path, found, other)
            if not np.array_equal(array.astype(np.float64), found.astype(np.float64)):
                wrong = int((array != found).sum())
                found = f"expected the same in the run {what}, found {wrong} others"
                raise TooCloseError(f"exact: call {number} {path}: {found}")


def in_order_of_experts(path, array, values):
    experts = values[path.rsplit("/", 1)[0] + "/router_experts"]
    order = np.argsort(experts, axis=-1)
    return np.take_along_axis(array, order.reshape(order.shape + (1,) * (array.ndim - 2)), axis=1)


class ExactSums(TorchFunctionMode):
    """Finds the sums of products that could lose a bit in some order: where the sum of the magnitudes has 24 bits or
    more above the last bit of any of the products."""

    def __init__(self):
        super().__init__()
        self.broken = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        name = getattr(func, "__name__", "")
        if func is F.linear:
            self.check(name, args[0], args[1].t(), args[2] if len(args) > 2 else kwargs.get("bias"))
        elif func in PRODUCTS or func is torch.bmm:
            self.check(name, *args[:2])
        elif name in ("conv1d", "einsum"):
            whole = [tensor for tensor in args if isinstance(tensor, torch.Tensor)]
            bias = kwargs.get("bias")
            size = func(*(magnitude(item) for item in args), **{key: magnitude(item) for key, item in kwargs.items()})
            weight = [kwargs["weight"]] if "weight" in kwargs else []
            unit = np.prod([last_bits(tensor).min() for tensor in whole + weight])
            self.require(name, size.numpy(), min(unit, np.inf if bias is None else last_bits(bias).min()))
        return result

    def check(self, name, left, right, bias=None):
        """[..., M, K], [..., K, N]"""
        size = magnitude(left) @ magnitude(right)
        unit = last_bits(left).min(-1)[..., :, None] * last_bits(right).min(-2)[..., None, :]
        if bias is not None:
            size, unit = size + magnitude(bias), np.minimum(unit, last_bits(bias))
        self.require(name, size.numpy(), unit)

    def require(self, name, size, unit):
        with np.errstate(invalid="ignore"):
            bits = np.where(size > 0, np.log2(size / unit, where=size > 0, out=np.zeros_like(size)), 0).max(initial=0)
        if not bits < BITS:
            self.broken.append(f"{bits:.1f} of {name} {list(size.shape)}")


def magnitude(item):
    return item.double().abs() if isinstance(item, torch.Tensor) else item


def last_bits(tensor):
    """The value of the last bit that is set in each element; infinite for 0."""
    array = tensor.detach().numpy().astype(np.float64)
    mantissa, exponent = np.frexp(array)
    whole = np.abs(np.ldexp(mantissa, 53)).astype(np.int64)
    last = np.ldexp((whole & -whole).astype(np.float64), exponent - 53)
    return np.where(whole == 0, np.inf, last)
