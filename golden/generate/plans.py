# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""What a case asks of generate(). Plain data, no torch; generation.py does it."""
from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True)
class Processors:
    """What changes the logits before a token is chosen; None: not set."""

    repetition_penalty: float | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None

    @staticmethod
    def names():
        return [field.name for field in fields(Processors)]

    def set_ones(self):
        """Name -> value."""
        values = {name: getattr(self, name) for name in self.names()}
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True)
class Generate:
    """One call of generate(); eos and pad are those of the config."""

    batch: int = 2
    tokens: int = 5
    left_pads: tuple | None = None  # pads a row
    max_new_tokens: int = 8
    do_sample: bool = False
    processors: Processors = Processors()
    stops_apart: bool = False  # wants rows that stop at different steps
    tie: bool = False  # wants two logits that float32 cannot tell apart, in place of refusing them


@dataclass
class Generation:
    """A run, as it is written."""

    plan: Generate
    input_ids: np.ndarray  # int64 [B, L]
    attention_mask: np.ndarray  # int64 [B, L]
    uniform: np.ndarray | None  # float64 [N, B]
    eos: np.ndarray | None  # int64 [n]
    pad: int  # -1: none
    sequences: np.ndarray | None = None  # int64 [B, L + N]
    hf32: dict | None = None  # logits and, of a sampling, probs: [N, B, V]
    truth: dict | None = None
    null: object = None  # a Null

    @property
    def chosen(self):  # int64 [B, N]
        return self.sequences[:, self.input_ids.shape[1] :]


@dataclass(frozen=True)
class OneToken:
    """A call of a generation, as far as its conditioning depends on it."""

    batch: int
    tokens: int = 1
