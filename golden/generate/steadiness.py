# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a generation is steady: no token, no expert and no filter would decide otherwise for a rounding error.
Another engine must come to the same tokens, so all others are refused."""
import contextlib
from dataclasses import replace

import numpy as np
import torch
from transformers.generation.logits_process import (
    LogitsProcessorList, MinPLogitsWarper, RepetitionPenaltyLogitsProcessor, TemperatureLogitsWarper, TopKLogitsWarper,
    TopPLogitsWarper,
)

from golden.generate.errors import TooCloseError
from golden.generate.library import active
from golden.generate.margins import router_margin

LEAST_GAP = 1e-3  # between the two best scores, and around the last that top_k keeps
LEAST_DISTANCE = 1e-4  # of a draw or a filter from a border of probability
TIE = 1e-6  # what a case of a tie must come below


@contextlib.contextmanager
def router_logits_seen(model):
    """The logits of every router that runs meanwhile."""
    seen = []
    hooks = [
        module.register_forward_hook(lambda module, args, out: seen.append(active.router_logits(out).numpy().copy()))
        for name, module in model.named_modules() if name.endswith(active.ROUTERS)
    ]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def refuse_near_decisions(config, run, routed, least_margin):
    """routed: router logits of the float32 run; run: a Generation, complete."""
    for logits in routed:
        margin = router_margin(config, logits.astype(np.float64)).min()
        if margin <= least_margin:
            raise TooCloseError(f"generate: expected router margins above {least_margin:g}, found {margin:.3g}")
    gaps, lengths = [], {}
    for step, row in unfinished(run):
        lengths[row] = step
        processed, probs = process(run, step, row, run.plan.processors)
        if run.plan.do_sample:
            refuse_near_sample(run, step, row, processed, probs)
        else:
            best = np.sort(processed)
            gaps.append((best[-1] - best[-2], step))
    if run.plan.stops_apart and len(set(lengths.values())) == 1:
        raise TooCloseError("generate: expected rows that stop at different steps, found none")
    if run.plan.tie:
        ties = [step for gap, step in gaps if gap < TIE]
        if not ties or not 2 <= min(ties):
            raise TooCloseError("generate: expected a tie after some steps, found none")
    elif gaps and min(gaps)[0] < LEAST_GAP:
        raise TooCloseError(f"generate: expected the best two logits {LEAST_GAP:g} apart, found {min(gaps)[0]:.3g}")


def unfinished(run):
    """(step, row) of every token that was really chosen."""
    for row, tokens in enumerate(run.chosen):
        for step, token in enumerate(tokens):
            yield step, row
            if run.eos is not None and token in run.eos:
                break


def process(run, step, row, processors):
    """Scores and probabilities of one row at one step by the processors of the library, from the float64 logits."""
    first = int(run.attention_mask[row].argmax()) if active.PENALTY_SKIPS_PADS else 0
    ids = torch.from_numpy(run.sequences[row : row + 1, first : run.input_ids.shape[1] + step])
    scores = chain(processors)(ids, torch.from_numpy(run.truth["logits"][step, row : row + 1].astype(np.float64)))
    return scores[0].numpy(), torch.softmax(scores, dim=-1)[0].numpy()


def chain(processors):
    """In the order of generate()."""
    classes = {
        "repetition_penalty": RepetitionPenaltyLogitsProcessor, "temperature": TemperatureLogitsWarper,
        "top_k": TopKLogitsWarper, "top_p": TopPLogitsWarper, "min_p": MinPLogitsWarper,
    }
    return LogitsProcessorList([classes[name](value) for name, value in processors.set_ones().items()])


def refuse_near_sample(run, step, row, processed, probs):
    where, plan = f"generate step {step} row {row}", run.plan
    if not np.allclose(probs, run.truth["probs"][step, row], rtol=1e-9, atol=1e-12):
        raise TooCloseError(f"{where}: expected the probabilities of the run, found others")
    distance = np.abs(np.cumsum(probs)[probs > 0] - run.uniform[step, row]).min()
    if distance < LEAST_DISTANCE:
        raise TooCloseError(f"{where}: expected draws {LEAST_DISTANCE:g} from every border, found {distance:.3g}")
    if plan.processors.top_k is not None and plan.processors.top_k < len(probs):
        scores, _ = process(run, step, row, replace(plan.processors, top_k=None, top_p=None, min_p=None))
        ranked = -np.sort(-scores)
        if ranked[plan.processors.top_k - 1] - ranked[plan.processors.top_k] < LEAST_GAP:
            raise TooCloseError(f"{where}: expected the border of top_k {LEAST_GAP:g} wide, found less")
    kept = [run.hf32["probs"][step, row] > 0]
    for name in ("top_p", "min_p"):
        value = getattr(plan.processors, name)
        if value is not None:
            for moved in (value - LEAST_DISTANCE, value + LEAST_DISTANCE):
                _, other = process(run, step, row, replace(plan.processors, **{name: min(max(moved, 0.0), 1.0)}))
                kept.append(other > 0)
    if any(not np.array_equal(other, probs > 0) for other in kept):
        raise TooCloseError(f"{where}: expected filters {LEAST_DISTANCE:g} from every border, found one that is nearer")
