# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The null distribution of a golden: what runs of transformers are off by that are as right as the recorded one. Only
their figures are kept, so a run needs no more memory than any other."""
from dataclasses import dataclass, replace

from golden.generate.knobs import Knob, special_knobs, turned
from golden.generate.noise import UNIT, CallNoise
from golden.generate.routes import differ, forced

LEAST_RUNS = 16
# Tried in vain for runs that move a bit of a model so small that hardly any does.
SPARE_ORDERS = 8


@dataclass
class Null:
    """A distribution, as it is written."""

    side: str  # "hf32" or "hf_bf16": whose it is
    runs: list  # Knob, in the order of the figures' rows from 1 on
    calls: list  # dataset name -> array, a call each


class Runs:
    """Runs of one model on one list of calls, each held against the same values."""

    def __init__(self, model, layout, calls, expected, routes, run):
        """expected, routes: path -> array, a call each: what is held against, and whose routing decisions are forced on
        a run that decides otherwise. run(calls): the values of a run."""
        self.model, self.layout, self.routes, self.run = model, layout, routes, run
        self.calls, self.expected = calls, expected

    def again(self, knob, values=None, always_forced=False):
        """values: those of this run, where they are there already; knob: None for a run like the recorded one."""
        calls = self.calls
        if knob is not None and knob.knob == "sdpa":  # which has no such output
            calls = [replace(call, output_attentions=False) for call in calls]
        if values is None and not always_forced:
            values = self._with(knob, calls)
        if values is None or differ(self.model.config, self.layout, values, self.routes):
            with forced(self.model, self.layout, calls, self.routes):
                values = self._with(knob, calls)
        return values

    def _with(self, knob, calls):
        if knob is None:
            return self.run(calls)
        with turned(knob, self.model):
            return self.run(calls)


def make_null(runs, first, side="hf32", known=(), not_recorded=(), knobs=None):
    """runs: Runs of the float32 (or bfloat16) model; first: the values of the recorded run; known: those of runs with
    the orders 0, 1, ..., made before. knobs: which runs to make, whatever they are worth; None: such that move a bit.
    Returns a Null, or None where there is no call."""
    if not runs.calls:
        return None
    noises = [CallNoise(values, UNIT[side], not_recorded) for values in runs.expected]
    always_forced = side != "hf32"  # two of three decisions of bfloat16 may be others, and hardly a run would be spared

    def add(values):
        for noise, call_values in zip(noises, values):
            noise.add(call_values)

    add(runs.again(None, first, always_forced=False))
    if knobs is not None:
        for knob in knobs:
            add(runs.again(knob, always_forced=always_forced))
        return Null(side, list(knobs), [noise.figures() for noise in noises])

    kept = []

    def try_one(knob, values=None, needed=False):
        add(runs.again(knob, values, always_forced))
        count = len(noises[0].runs)
        if not needed and any(all(noise.is_as(count - 1, old) for noise in noises) for old in range(count - 1)):
            for noise in noises:
                noise.drop_last()
        else:
            kept.append(knob)

    rows_without_a_key = any(sees_no_key(values) for values in first)
    for knob in special_knobs(runs.model.config, runs.layout, runs.calls, rows_without_a_key):
        try_one(knob)
    seed, spare = 0, SPARE_ORDERS
    while len(kept) < LEAST_RUNS:
        before = len(kept)
        try_one(Knob("order", seed=seed), known[seed] if seed < len(known) else None, needed=spare == 0)
        spare -= len(kept) == before
        seed += 1
    return Null(side, kept, [noise.figures() for noise in noises])


def sees_no_key(values):
    return any(path.endswith("attn_visible") and not array.any(axis=-1).all() for path, array in values.items())
