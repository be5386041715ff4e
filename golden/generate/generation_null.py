# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The null distribution of a generation: what the logits of other runs of transformers are off by that are made to choose the
recorded tokens. A generation is one call with one site, its rows the steps of each row."""
import torch

from golden.generate.generation import generate
from golden.generate.knobs import turned
from golden.generate.null import make_null
from golden.generate.plans import OneToken
from golden.generate.sites import layout_of
from golden.generate.truth import renew_rotary


def make_generation_null(model, run, knobs=None):
    """model: float32, as it made `run`; knobs: those of the calls of the same golden, None where it has none."""
    return make_null(GenerationRuns(model, run), [logits_of(run.hf32)], knobs=knobs)


def record_generation_null(model, recording):
    """Adds it to the generation of a recording that has one; the calls of that have theirs already."""
    if recording.generation is not None:
        knobs = recording.nulls[0].runs if recording.nulls else None
        recording.generation.null = make_generation_null(model, recording.generation, knobs)


def logits_of(values):
    """As the values of a call."""
    return {"logits": values["logits"]}


class GenerationRuns:
    """What make_null asks of Runs. No route is forced: a generation is refused whose routes are near (steadiness.py)."""

    def __init__(self, model, run):
        self.model, self.generation, self.layout = model, run, layout_of(model.config)
        self.calls = [OneToken(run.plan.batch, run.input_ids.shape[1])]
        self.expected = [logits_of(run.truth or run.hf32)]

    def again(self, knob, values=None):
        if values is not None:
            return values
        renew_rotary(self.model)
        with turned(knob, self.model):
            return [logits_of(generate(self.model, self.generation, self._recorded)[1])]

    def _recorded(self, step, values):
        return torch.from_numpy(self.generation.chosen[:, step].copy())
