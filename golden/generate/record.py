# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Runs a list of calls through a model, first in float32 and then in float64, and checks what comes out."""
from dataclasses import dataclass

import numpy as np
import torch

from golden.generate import progress
from golden.generate.calls import EMPTY_CACHE
from golden.generate.errors import CannotError, one_line
from golden.generate.library import active
from golden.generate.margins import has_order_tie, router_margin
from golden.generate.self_check import check_margins, check_sites
from golden.generate.sites import layer_path, layout_of, site_name
from golden.generate.truth import float64, renew_rotary


@dataclass
class Recording:
    """Both runs of every call. `truth` is None where it was not asked for."""

    calls: list  # Call, with the token ids that were used
    hf32: list  # path -> array, a call each
    truth: list | None
    audit: dict
    own_inv_freq: list  # what this machine computes, a call each; differs from the recorded one only in `check`


def record(model, calls, with_truth=True, forced_inv_freq=None):
    """The model is float32 on entry; on return it is float64 if the truth was asked for (converted in place, one
    parameter after the other, so that both never stand in memory together)."""
    layout = layout_of(model.config)
    active.refuse_what_it_cannot(model.config, calls, "calls")
    hf32, calls, own = run_calls(model, layout, calls, forced_inv_freq)
    for number, (call, values) in enumerate(zip(calls, hf32)):
        check_sites(f"call {number} hf32", layout, call, values, truth=False)
        if not with_truth:  # then the margins are those of the float32 logits
            refuse_order_ties(model.config, layout, f"call {number}", values)
            add_margins(model.config, layout, values)
    truth, audit = None, {"truth": False}
    if with_truth:
        truth, audit = run_truth(model, layout, calls, forced_inv_freq)
        for number, (call, values) in enumerate(zip(calls, truth)):
            refuse_order_ties(model.config, layout, f"call {number}", values)
            add_margins(model.config, layout, values)
            check_sites(f"call {number} truth", layout, call, values, truth=True)
            check_margins(f"call {number}", values, least=0.0)
            if layout.rotary and not np.array_equal(values["rope_inv_freq"], hf32[number]["rope_inv_freq"]):
                raise CannotError(f"call {number} rope_inv_freq: expected the same bits in both runs, found others")
    return Recording(calls, hf32, truth, audit, own)


def run_truth(model, layout, calls, forced_inv_freq):
    model.double()
    scope = renew_rotary(model)
    with float64(scope) as audit:
        values, _, _ = run_calls(model, layout, calls, forced_inv_freq, scope)
    audit.require_pure("audit")
    return values, {
        "truth": True,
        "aten_operations": audit.operations,
        "float32_operations": sum(audit.leaks.values()),
        "float32_operations_in_rotary": audit.rotary_float32,
    }


def run_calls(model, layout, calls, forced_inv_freq=None, scope=None):
    """One precision. Returns the values, the calls with their token ids filled in, and the model's own inv_freq."""
    recorded, resolved, own, cache, past = [], [], [], None, 0
    for number, call in enumerate(calls):
        progress.show(f"{model.dtype} run, call {number + 1} of {len(calls)}".removeprefix("torch."))
        if call.input_ids is None:
            call = call.with_ids(recorded[-1]["logits"][:, -1:].argmax(axis=-1).astype(np.int64))
        if call.continues == EMPTY_CACHE:
            # A rope type that adapts to the length must not remember the sequence before.
            scope = scope if number == 0 and scope is not None else renew_rotary(model)
            cache = active.new_cache(model.config, len(call.input_ids), model.dtype) if call.use_cache else None
            past = 0
        with active.Capture(model, layout, scope, forced_inv_freq[number] if forced_inv_freq else None) as capture:
            output = run_model(model, call, cache, past, f"call {number}")
            values = capture.finish(output, cache)
        past += call.input_ids.shape[1]
        recorded.append(values)
        resolved.append(call)
        own.append(capture.own_inv_freq)
    progress.show("")
    return recorded, resolved, own


def run_model(model, call, cache, past, where):
    try:
        beside = active.inputs_beside(model.config, call.input_ids.shape[1], past)
        return model(**model_inputs(call), past_key_values=cache, use_cache=call.use_cache, **beside)
    except CannotError:
        raise
    except Exception as error:  # a configuration that passes the library's validators and fails in its forward
        found = f"{type(error).__name__}: {one_line(error)}"
        raise CannotError(f"{where}: expected a model that transformers can run, found {found}") from error


def model_inputs(call):
    inputs = {"input_ids": call.input_ids, "attention_mask": call.attention_mask, "position_ids": call.position_ids}
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in inputs.items() if array is not None}


def routed_layers(layout):
    return range(len(layout.mixers) if layout.experts else 0)


def refuse_order_ties(config, layout, where, values):
    for index in routed_layers(layout):
        if has_order_tie(config, values[layer_path(index, "router_logits")]):
            raise CannotError(f"{where} layer {index} router_logits: expected distinct values, found a tie")


def add_margins(config, layout, values):
    for index in routed_layers(layout):
        logits = values[layer_path(index, "router_logits")]
        values[layer_path(index, "router_margin")] = router_margin(config, logits.astype(np.float64))


def least_margin(recording):
    """The smallest router margin of a recording, or None without experts."""
    margins = [
        values[path].min() for values in recording.truth or () for path in values if site_name(path) == "router_margin"
    ]
    return float(min(margins)) if margins else None
