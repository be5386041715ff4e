# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The calls of a golden: what goes into the model, call by call. Plain data, no torch."""
from dataclasses import dataclass, replace

import numpy as np

EMPTY_CACHE = -1


@dataclass(frozen=True)
class Call:
    """Inputs of one forward call, as golden/FORMAT.md stores them."""

    input_ids: np.ndarray | None  # int64 [B, L]; None: the most likely token of the call before
    use_cache: bool
    continues: int = EMPTY_CACHE
    attention_mask: np.ndarray | None = None  # int64 [B, past + L]
    position_ids: np.ndarray | None = None  # int64 [1 or B, L]

    def with_ids(self, input_ids):
        return replace(self, input_ids=input_ids)


@dataclass(frozen=True)
class Prompt:
    """How a committed case makes its calls: one prefill, then steps that continue the cache."""

    batch: int = 2
    tokens: int = 7
    steps: tuple = ()  # tokens of each continuation; () and use_cache=False for a plain prefill
    use_cache: bool = True
    left_pads: tuple | None = None  # pads a row; gives every call an attention_mask
    positions: str | None = None  # "from_mask" as generate() makes them, or "shifted": each row starts elsewhere


def make_calls(prompt, vocab_size, random):
    """`random` is a numpy Generator; only integers are drawn from it, which is portable."""
    calls, past = [], 0
    for number, tokens in enumerate((prompt.tokens, *prompt.steps)):
        mask = None
        if prompt.left_pads is not None:
            mask = np.ones((prompt.batch, past + tokens), dtype=np.int64)
            for row, pads in enumerate(prompt.left_pads):
                mask[row, :pads] = 0
        calls.append(
            Call(
                input_ids=random.integers(0, vocab_size, (prompt.batch, tokens), dtype=np.int64),
                use_cache=prompt.use_cache,
                continues=number - 1,
                attention_mask=mask,
                position_ids=make_positions(prompt, mask, past, tokens),
            )
        )
        past += tokens
    return calls


def make_positions(prompt, mask, past, tokens):
    if prompt.positions is None:
        return None
    if prompt.positions == "from_mask":  # GenerationMixin: cumulative sum less one, 0 on pads
        return np.maximum(mask.cumsum(axis=1) - 1, 0)[:, -tokens:]
    start = 3 * np.arange(prompt.batch)[:, None]  # "shifted"
    return np.arange(past, past + tokens)[None, :] + start
