# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""A call of a golden: what goes into the model. Plain data, no torch; prompts.py makes them."""
from dataclasses import dataclass, replace

import numpy as np

EMPTY_CACHE = -1
ARRAYS = ("input_ids", "inputs_embeds", "attention_mask", "position_ids", "logits_positions", "labels", "float_labels")
FLAGS = ("output_hidden_states", "output_attentions", "output_router_logits")


@dataclass(frozen=True)
class Packed:
    """Sequences without padding in one row, as the CUDA kernels of a hybrid take them."""

    cu_seq_lens: np.ndarray  # int64 [sequences + 1]: 0 and the end of each sequence

    @property
    def seq_idx(self):  # int64 [1, L]
        return np.repeat(np.arange(len(self.lengths)), self.lengths)[None]

    @property
    def lengths(self):
        return np.diff(self.cu_seq_lens)

    @property
    def borders(self):
        """(first token, token behind the last) of each sequence."""
        return list(zip(self.cu_seq_lens, self.cu_seq_lens[1:]))

    @staticmethod
    def of(lengths):
        return Packed(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))


@dataclass(frozen=True)
class GivenCache:
    """past_key_values of the caller: {"keys", "values"} or {"conv_state", "ssm_state"} of each layer, float32."""

    tokens: int  # seen so far, also those that a sliding window has dropped
    layers: tuple


@dataclass(frozen=True)
class Call:
    """Inputs of one forward call, as golden/FORMAT.md stores them."""

    input_ids: np.ndarray | None  # int64 [B, L]; None without embeddings: the most likely token of the call before
    use_cache: bool
    continues: int = EMPTY_CACHE
    attention_mask: np.ndarray | None = None  # int64 [B, up to past + L]
    position_ids: np.ndarray | None = None  # int64 [1 or B, L]
    inputs_embeds: np.ndarray | None = None  # float32 [B, L, D]
    logits_positions: np.ndarray | None = None  # int64 [n]: logits_to_keep as a list
    labels: np.ndarray | None = None  # int64 [B, L], or [B, 1] of a classification
    float_labels: np.ndarray | None = None  # float32 [B, num_labels]
    packed: Packed | None = None
    past_key_values: GivenCache | None = None
    logits_to_keep: int = 0
    output_hidden_states: bool = False
    output_attentions: bool = False
    output_router_logits: bool | None = None  # None: as the config says
    num_items_in_batch: int = 0  # 0: none

    def with_ids(self, input_ids):
        return replace(self, input_ids=input_ids)

    @property
    def batch(self):
        return self._tokens().shape[0]

    @property
    def tokens(self):
        return self._tokens().shape[1]

    @property
    def kept_logits(self):
        if self.logits_positions is not None:
            return len(self.logits_positions)
        return self.logits_to_keep or self.tokens

    @property
    def has_labels(self):
        return self.labels is not None or self.float_labels is not None

    def _tokens(self):
        return self.input_ids if self.inputs_embeds is None else self.inputs_embeds
