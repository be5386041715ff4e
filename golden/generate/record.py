# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Runs a list of calls through a model, first in float32 and then in float64, and checks what comes out."""
import functools
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from golden.generate import progress
from golden.generate.calls import ARRAYS, EMPTY_CACHE, FLAGS
from golden.generate.conditioning import OtherOrder, refuse_ill_conditioned
from golden.generate.errors import CannotError, TooCloseError, one_line
from golden.generate.exact import refuse_inexact
from golden.generate.library import active
from golden.generate.margins import has_order_tie, router_margin
from golden.generate.null import Runs, make_null
from golden.generate.packed import join, split
from golden.generate.self_check import check_margins, check_sites
from golden.generate.sites import layer_path, layout_of, ordered_sites, site_name
from golden.generate.truth import float64, narrowed, renew_rotary, widened

OPTIONS = (*FLAGS, "logits_to_keep", "num_items_in_batch")


@dataclass
class Recording:
    """Both runs of every call. `truth` is None where it was not asked for."""

    calls: list  # Call, with the token ids that were used
    hf32: list  # path -> array, a call each
    truth: list | None
    audit: dict
    own_inv_freq: list  # what this machine computes, a call each; differs from the recorded one only in `check`
    others: list = field(default_factory=list)  # float32 runs in the orders 0, 1, ..., as far as they were made
    generation: object = None  # a Generation, where there was one
    nulls: list = ()  # a Null each of hf32 and hf_bf16, as far as asked for
    hf_bf16: list | None = None  # as hf32

    def leave_out(self, sites):
        """Forgets sites by name."""
        for values in (*self.hf32, *(self.truth or ()), *(self.hf_bf16 or ())):
            for path in [path for path in values if site_name(path) in sites]:
                del values[path]


def record(model, calls, with_truth=True, forced_inv_freq=None, least_margin=0.0, other_orders=0, not_recorded=(),
           exact=False):
    """The model is float32 on entry and on return; for the truth it is converted in place, one parameter after the
    other, so that both never stand in memory together. Raises TooCloseError where a router margin is not above
    least_margin, or where one of `other_orders` float32 runs more shows that a site is ill-conditioned and not among
    `not_recorded`. exact: the model must be, and twin experts, whose logits are equal, are no near decision."""
    layout = layout_of(model.config)
    calls = [resolved(call, model.config, layout) for call in calls]
    active.refuse_what_it_cannot(model.config, calls, "calls")
    hf32, calls, own = run_calls(model, layout, calls, forced_inv_freq)
    for number, (call, values) in enumerate(zip(calls, hf32)):
        check_sites(f"call {number} hf32", layout, call, values, truth=False)
        margins = margins_of(model.config, layout, values)
        if not exact:
            refuse_order_ties(model.config, layout, f"call {number}", values)
            check_margins(f"call {number}", margins, least_margin)  # here already, for the float64 run costs the most
        if not with_truth:  # then the margins are those of the float32 logits
            values |= margins
    others = [run_in_other_order(model, layout, calls, seed) for seed in range(other_orders)]
    truth, audit = None, {"truth": False}
    if not calls:
        truth = []
    elif with_truth:
        truth, audit = run_truth(model, layout, calls, forced_inv_freq)
        for number, (call, values) in enumerate(zip(calls, truth)):
            if not exact:
                refuse_order_ties(model.config, layout, f"call {number}", values)
            values |= margins_of(model.config, layout, values)
            check_sites(f"call {number} truth", layout, call, values, truth=True)
            if not exact:
                check_margins(f"call {number}", values, least_margin)
            if layout.rotary and not np.array_equal(values["rope_inv_freq"], hf32[number]["rope_inv_freq"]):
                raise CannotError(f"call {number} rope_inv_freq: expected the same bits in both runs, found others")
        refuse_ill_conditioned(calls, truth, hf32, others, not_recorded)
    if exact:
        refuse_inexact(model, layout, calls, hf32, truth, lambda calls: run_calls(model, layout, calls)[0])
    return Recording(calls, hf32, truth, audit, own, others)


def record_null(model, recording, not_recorded=(), bf16=False):
    """Adds the null distribution to a complete recording; the model is the float32 one that it was made of. bf16: also
    a bfloat16 run, and its null distribution."""
    if not recording.calls:
        return
    expected = recording.truth or recording.hf32
    runs = null_runs(model, layout_of(model.config), recording.calls, expected, expected)
    recording.nulls = [make_null(runs, recording.hf32, known=recording.others, not_recorded=not_recorded)]
    recording.others = []
    if bf16:
        recording.hf_bf16, null = record_bf16(model, runs, recording.nulls[0].runs, not_recorded)
        recording.nulls.append(null)


def record_bf16(model, runs, knobs, not_recorded=()):
    """The values of a bfloat16 run, a call each, and its null distribution; runs: those of the float32 model. Routes are
    always forced: of the decisions of bfloat16 many are others, and what is measured is arithmetic."""
    with narrowed(model):
        runs = Runs(model, runs.layout, runs.calls, runs.expected, runs.routes, runs.run, always_forced=True)
        values = runs.again(None)
        for number, (call, sites) in enumerate(zip(runs.calls, values)):
            check_sites(f"call {number} hf_bf16", runs.layout, call, sites, truth=False)
        return values, make_null(runs, values, "hf_bf16", not_recorded=not_recorded, knobs=knobs)


def null_runs(model, layout, calls, expected, routes, forced_inv_freq=None):
    """Runs for make_null; the arguments of Runs."""
    in_order = [expected_in_order(layout, call, values) for call, values in zip(calls, expected)]
    return Runs(
        model, layout, calls, in_order, routes, lambda calls: run_calls(model, layout, calls, forced_inv_freq)[0]
    )


def expected_in_order(layout, call, values):
    return {path: values[path] for path in ordered_sites(layout, call) if path in values}


def run_in_other_order(model, layout, calls, seed):
    with OtherOrder(seed):
        return run_calls(model, layout, calls)[0]


def resolved(call, config, layout):
    """What the caller left to the config, filled in."""
    if call.output_router_logits is not None:
        return call
    return replace(call, output_router_logits=layout.head == "causal_lm" and config.output_router_logits)


def run_truth(model, layout, calls, forced_inv_freq):
    with widened(model):
        scope = renew_rotary(model)
        with float64(scope) as audit:
            values, _, _ = run_calls(model, layout, calls, forced_inv_freq, scope)
    return values, pure(audit)


def pure(audit):
    """The report of an audit that found nothing; raises where it found something."""
    audit.require_pure("audit")
    return {
        "truth": True,
        "aten_operations": audit.operations,
        "float32_operations": sum(audit.leaks.values()),
        "float32_operations_in_rotary": audit.rotary_float32,
    }


def run_calls(model, layout, calls, forced_inv_freq=None, scope=None, capture=active.Capture):
    """One precision, seen by a class of captures. Returns the values, the calls with their token ids filled in, and the
    model's own inv_freq. The rotary embedding is one for all calls: a type that adapts to the length remembers the
    calls before."""
    scope = renew_rotary(model) if scope is None else scope
    recorded, filled, own, cache, past = [], [], [], None, 0
    for number, call in enumerate(calls):
        progress.show(f"{model.dtype} run, call {number + 1} of {len(calls)}".removeprefix("torch."))
        if call.input_ids is None and call.inputs_embeds is None:
            call = call.with_ids(recorded[-1]["logits"][:, -1:].argmax(axis=-1).astype(np.int64))
        if call.continues == EMPTY_CACHE:
            cache, past = make_cache(model, call), call.past_key_values.tokens if call.past_key_values else 0
        observe = functools.partial(capture, model, layout, scope, (forced_inv_freq or {number: None})[number])
        where = f"call {number}"
        if call.packed is None:
            values, inv_freq = run_call(model, call, cache, past, observe, where)
        else:
            parts = [run_call(model, part, None, 0, observe, where) for part in split(call)]
            values, inv_freq = join(model, layout, call, [part for part, _ in parts]), parts[-1][1]
        past += call.tokens
        recorded.append(values)
        filled.append(call)
        own.append(inv_freq)
    progress.show("")
    return recorded, filled, own


def run_call(model, call, cache, past, observe, where):
    """Returns the values and the inverse frequencies that this machine would use."""
    with observe() as capture:
        try:
            beside = active.inputs_beside(model.config, call.tokens, past)
            inputs = model_inputs(call, model.dtype)
            output = model(**inputs, past_key_values=cache, use_cache=call.use_cache, **beside)
        except CannotError:
            raise
        except Exception as error:  # a configuration that passes the library's validators and fails in its forward
            found = f"{type(error).__name__}: {one_line(error)}"
            raise CannotError(f"{where}: expected a model that transformers can run, found {found}") from error
        return capture.finish(output, cache, call), capture.own_inv_freq


def make_cache(model, call):
    if not call.use_cache:
        return None
    cache = active.new_cache(model.config, call.batch, model.dtype)
    given = call.past_key_values
    if given is not None:
        layers = [{name: tensor_of(array, model.dtype) for name, array in layer.items()} for layer in given.layers]
        active.fill_cache(cache, replace(given, layers=layers))
    return cache


def model_inputs(call, dtype):
    """The arguments of forward(), without the cache; floats are widened to the precision of the run."""
    inputs = {name: tensor_of(getattr(call, name), dtype) for name in ARRAYS if getattr(call, name) is not None}
    for name, argument in (("float_labels", "labels"), ("logits_positions", "logits_to_keep")):
        if name in inputs:
            inputs[argument] = inputs.pop(name)
    return inputs | {name: getattr(call, name) for name in OPTIONS if getattr(call, name)}


def tensor_of(array, dtype):
    """Integers as they are, floats in the precision of the run; widened before the audit sees them."""
    if array.dtype.kind == "f":
        array = array.astype(np.float64 if dtype is torch.float64 else np.float32)
    tensor = torch.from_numpy(np.ascontiguousarray(array))
    return tensor.to(dtype) if array.dtype.kind == "f" else tensor


def routed_layers(layout):
    return range(len(layout.mixers) if layout.experts else 0)


def refuse_order_ties(config, layout, where, values):
    for index in routed_layers(layout):
        if has_order_tie(config, values[layer_path(index, "router_logits")]):
            raise TooCloseError(f"{where} layer {index} router_logits: expected distinct values, found a tie")


def margins_of(config, layout, values):
    """path -> the router margin of each token, of every layer with experts."""
    return {
        layer_path(index, "router_margin"): router_margin(
            config, values[layer_path(index, "router_logits")].astype(np.float64)
        )
        for index in routed_layers(layout)
    }


def least_margin(recording):
    """The smallest router margin of a recording, or None without experts."""
    margins = [
        values[path].min() for values in recording.truth or () for path in values if site_name(path) == "router_margin"
    ]
    return float(min(margins)) if margins else None
