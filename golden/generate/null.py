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

    def __init__(self, model, layout, calls, expected, routes, run, always_forced=False):
        """expected, routes: path -> array, a call each: what is held against, and whose routing decisions are forced on
        a run that decides otherwise, or on every one. run(calls): the values of a run."""
        self.model, self.layout, self.calls = model, layout, calls
        self.expected, self.routes = expected, routes
        self.run, self.always_forced = run, always_forced

    def again(self, knob, values=None):
        """values: those of this run, where they are there already; knob: None for a run like the recorded one."""
        calls = self.calls
        if knob is not None and knob.knob == "sdpa":  # which has no such output
            calls = [replace(call, output_attentions=False) for call in calls]
        if values is None and not self.always_forced:
            values = self._with(knob, calls)
        if values is None or not self.always_forced and self._decides_otherwise(values):
            with forced(self.model, self.layout, calls, self.routes):
                values = self._with(knob, calls)
        return values

    def _decides_otherwise(self, values):
        return differ(self.model.config, self.layout, values, self.routes)

    def _with(self, knob, calls):
        if knob is None:
            return self.run(calls)
        with turned(knob, self.model):
            return self.run(calls)


class Collector:
    """Takes runs, and keeps their figures."""

    def __init__(self, runs, side, not_recorded):
        self.runs, self.side = runs, side
        self.noises = [CallNoise(values, UNIT[side], not_recorded) for values in runs.expected]
        self.kept = []

    def add(self, knob, values=None):
        for noise, call_values in zip(self.noises, self.runs.again(knob, values)):
            noise.add(call_values)
        if knob is not None:
            self.kept.append(knob)

    def add_if_new(self, knob, values=None):
        """Forgets a run that is as another one, as far as both show sites. Returns whether it was kept."""
        self.add(knob, values)
        last = len(self.kept)
        if any(all(noise.is_as(last, old) for noise in self.noises) for old in range(last)):
            self.kept.pop()
            for noise in self.noises:
                noise.drop_last()
        return last == len(self.kept)

    def null(self):
        return Null(self.side, self.kept, [noise.figures() for noise in self.noises])


def make_null(runs, first, side="hf32", known=(), not_recorded=(), knobs=None):
    """runs: Runs of the float32 (or bfloat16) model; first: the values of the recorded run; known: those of runs with
    the orders 0, 1, ..., made before. knobs: which runs to make, whatever they are worth; None: such as move a bit."""
    collector = Collector(runs, side, not_recorded)
    collector.add(None, first)
    if knobs is not None:
        for knob in knobs:
            collector.add(knob)
        return collector.null()
    rows_without_a_key = any(sees_no_key(values) for values in first)
    for knob in special_knobs(runs.model.config, runs.layout, runs.calls, rows_without_a_key):
        collector.add_if_new(knob)
    seed, spare = 0, SPARE_ORDERS
    while len(collector.kept) < LEAST_RUNS:
        arguments = Knob("order", seed=seed), known[seed] if seed < len(known) else None
        if spare == 0:
            collector.add(*arguments)
        elif not collector.add_if_new(*arguments):
            spare -= 1
        seed += 1
    return collector.null()


def sees_no_key(values):
    return any(path.endswith("attn_visible") and not array.any(axis=-1).all() for path, array in values.items())
