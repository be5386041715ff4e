# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Runs generate() of transformers in float32, and once more in float64 with the same tokens: what golden/FORMAT.md has
under /generation. torch.multinomial, whose random numbers are nobody else's, gives way to the inverse of the cumulative
distribution at draws that are recorded."""
import contextlib
from unittest import mock

import numpy as np
import torch
from transformers import GenerationConfig

from golden.generate.conditioning import ORDERS, OtherOrder, refuse_ill_conditioned
from golden.generate.errors import CannotError, one_line
from golden.generate.library import active
from golden.generate.plans import Generation, OneToken
from golden.generate.record import pure
from golden.generate.sites import layout_of
from golden.generate.steadiness import refuse_near_decisions, router_logits_seen
from golden.generate.truth import float64, renew_rotary, widened


def draw_generation(plan, config, random):
    """The prompt and the draws; random: a numpy Generator."""
    shape = (plan.batch, plan.tokens)
    ids, mask = random.integers(0, config.vocab_size, shape, dtype=np.int64), np.ones(shape, dtype=np.int64)
    for row, pads in enumerate(plan.left_pads or ()):
        mask[row, :pads] = 0
        ids[row, :pads] = config.pad_token_id or 0
    uniform = random.random((plan.max_new_tokens, plan.batch)) if plan.do_sample else None
    eos = None if config.eos_token_id is None else np.atleast_1d(np.array(config.eos_token_id, dtype=np.int64))
    return Generation(plan, ids, mask, uniform, eos, -1 if config.pad_token_id is None else config.pad_token_id)


def record_generation(model, run, least_margin=None):
    """Fills in `run`; the model is float32, and float64 meanwhile. Returns the audit. Raises TooCloseError
    where a token or an expert is nearly another one (a least_margin of None: it does not matter)."""
    active.refuse_generation_that_it_cannot(model.config, run)
    renew_rotary(model)
    drawn = run.uniform

    def choose(step, values):
        if drawn is None:
            return values.argmax(dim=-1)
        return torch.from_numpy(inverse_cumulative(values.numpy(), drawn[step]))

    with router_logits_seen(model) as routed:
        run.sequences, run.hf32 = generate(model, run, choose)
    steps = run.chosen.shape[1]
    run.uniform = None if drawn is None else drawn[:steps]

    def repeat(step, values):
        return torch.from_numpy(run.chosen[:, step].copy())

    others = [] if least_margin is None else [run_in_other_order(model, run, repeat, seed) for seed in range(ORDERS)]
    with widened(model), float64(renew_rotary(model)) as audit:
        sequences, run.truth = generate(model, run, repeat)
    renew_rotary(model)
    if not np.array_equal(sequences, run.sequences):
        raise CannotError("generate: expected both runs to stop alike, found other sequences")
    if least_margin is not None:
        refuse_near_decisions(model.config, run, routed, least_margin)
        truth, hf32 = (as_calls(values["logits"]) for values in (run.truth, run.hf32))
        refuse_ill_conditioned([OneToken(run.plan.batch)] * steps, truth, hf32, others)
    return pure(audit)


def as_calls(logits):
    return [{"logits": step} for step in logits]


def run_in_other_order(model, run, choose, seed):
    renew_rotary(model)
    with OtherOrder(seed):
        return as_calls(generate(model, run, choose)[1]["logits"])


def generate(model, run, choose):
    """Returns the sequences, and logits and probs of each step."""
    plan, probs = run.plan, []
    model.generation_config = GenerationConfig(
        eos_token_id=None if run.eos is None else run.eos.tolist(), pad_token_id=None if run.pad < 0 else run.pad
    )
    # The library's own default of 50 is for those who do not know what they sample.
    processors = ({"top_k": 0} if plan.do_sample else {}) | plan.processors.set_ones()
    try:
        with chosen_by(choose, probs):
            output = model.generate(
                torch.from_numpy(run.input_ids), attention_mask=torch.from_numpy(run.attention_mask),
                max_new_tokens=plan.max_new_tokens, do_sample=plan.do_sample, return_dict_in_generate=True,
                output_logits=True, use_cache=bool(layout_of(model.config).attention_layers), **processors,
            )
    except CannotError:
        raise
    except Exception as error:  # whatever the library refuses, it refuses in its own way
        found = f"{type(error).__name__}: {one_line(error)}"
        raise CannotError(f"generate: expected a model that can, found {found}") from error
    with torch._C.DisableTorchFunction():
        values = {"logits": np.stack([logits.numpy() for logits in output.logits])}
        if plan.do_sample:
            values["probs"] = np.stack(probs)
        return output.sequences.numpy().copy(), values


@contextlib.contextmanager
def chosen_by(choose, seen):
    """Puts choose(step, scores or probabilities) [B, V] -> [B] in the place where generate() chooses a token; keeps
    what it was given in `seen`."""

    def argmax(values, dim=None):
        with torch._C.DisableTorchFunction():
            seen.append(values.numpy().copy())
            return choose(len(seen) - 1, values)

    def multinomial(values, num_samples):
        return argmax(values)[:, None]

    with mock.patch.object(torch, "argmax", argmax), mock.patch.object(torch, "multinomial", multinomial):
        yield


def inverse_cumulative(probs, draws):
    """probs [B, V], draws [B] -> [B]: the first token whose cumulative probability, summed in double, exceeds the draw;
    the last possible token where rounding leaves none."""
    tokens = []
    for row, draw in zip(probs.astype(np.float64), draws):
        above = np.flatnonzero(np.cumsum(row) > draw)
        tokens.append(above[0] if above.size else np.flatnonzero(row)[-1])
    return np.array(tokens, dtype=np.int64)
