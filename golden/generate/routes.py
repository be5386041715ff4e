# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The routing decisions of one run forced on another: with other experts a run would show how far apart experts are,
and not how a model rounds. The weights are those that the run's own router gives the forced choices."""
import contextlib
import sys
from unittest import mock

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from golden.generate.errors import CannotError
from golden.generate.sites import layer_path
from golden.generate.truth import body_of


def decisions(config, values, layer):
    """What the router of one layer decides, a tuple of arrays [T, ...]: the experts, of PhiMoE also what its two bands
    leave out. values: path -> array."""
    experts = values[layer_path(layer, "router_experts")]
    if config.model_type != "phimoe":
        return (experts,)
    logits = torch.from_numpy(values[layer_path(layer, "router_logits")])
    return (experts, *left_out(logits, torch.from_numpy(experts), config.router_jitter_noise))


def left_out(scores, experts, jitter):
    """scores [T, E], experts [T, 2] -> two arrays [T, E]: `sparsemixer` of modeling_phimoe.py, for given experts."""
    masks = []
    for choice in range(2):
        best = scores.gather(-1, experts[:, choice : choice + 1])
        masks.append((((best - scores) / scores.abs().clamp(min=best)) > 2 * jitter).numpy())
    return masks


def differ(config, layout, run, truth):
    """run, truth: path -> array, a call each."""
    return any(
        not all(map(np.array_equal, decisions(config, one, layer), decisions(config, other, layer)))
        for one, other in zip(run, truth) for layer in range(len(layout.mixers) if layout.experts else 0)
    )


@contextlib.contextmanager
def forced(model, layout, calls, truth):
    """Every router that runs meanwhile decides as the truth did. The calls must run in order, as record.run_calls has
    them run, the sequences of a packed one apart."""
    if not layout.experts:
        yield
        return
    queue = in_order(model.config, layout, calls, truth)
    modeling = sys.modules[type(body_of(model)).__module__]

    def next_ones(logits):
        experts, *masks = queue.pop(0) if queue else (np.empty(0),)
        if experts.shape[:1] != logits.shape[:1]:
            raise CannotError(f"routes: expected those of {len(experts)} tokens, found a router with {len(logits)}")
        return torch.from_numpy(experts), [torch.from_numpy(mask) for mask in masks]

    def mix(scores, *args, **kwargs):
        experts, masks = next_ones(scores)
        return weigh(scores, experts, masks), experts

    with contextlib.ExitStack() as stack:
        if model.config.model_type == "phimoe":
            stack.enter_context(mock.patch.object(modeling, "sparsemixer", mix))
        else:
            stack.enter_context(ForcedTopK(lambda logits: next_ones(logits)[0]))
        yield
    if queue:
        raise CannotError(f"routes: expected all to be used, found {len(queue)} left")


def in_order(config, layout, calls, truth):
    """The decisions in the order in which routers run."""
    queue = []
    for call, values in zip(calls, truth):
        layers = [decisions(config, values, layer) for layer in range(len(layout.mixers))]
        borders = [(0, None)] if call.packed is None else call.packed.borders
        queue += [tuple(array[first:end] for array in arrays) for first, end in borders for arrays in layers]
    return queue


def weigh(scores, experts, masks):
    """scores [T, E], experts [T, 2] -> [T, 2], as `sparsemixer` does with the experts that it chooses."""
    weights = []
    for choice, mask in enumerate(masks):
        expert = experts[:, choice : choice + 1]
        weights.append(torch.softmax(scores.masked_fill(mask, float("-inf")), dim=-1).gather(-1, expert))
        scores = scores.scatter(-1, expert, float("-inf"))
    return torch.concat(weights, dim=-1)


class ForcedTopK(TorchFunctionMode):
    """In a Granite model only the routers call Tensor.topk."""

    def __init__(self, experts_of):
        super().__init__()
        self.experts_of = experts_of

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is not torch.Tensor.topk:
            return func(*args, **(kwargs or {}))
        experts = self.experts_of(args[0])
        return args[0].gather(-1, experts), experts
