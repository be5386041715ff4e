# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Makes the calls of a case from a short description. Plain data, no torch."""
from dataclasses import dataclass

import numpy as np

from golden.generate.calls import EMPTY_CACHE, Call, GivenCache, Packed

NO_TARGET = -100


@dataclass(frozen=True)
class Prompt:
    """One sequence of calls: a first one, then steps that continue its cache. What is given for each token or row
    without a word about steps is given to all of them."""

    batch: int = 2
    tokens: int = 7
    steps: tuple = ()  # tokens of each continuation
    use_cache: bool = True
    left_pads: tuple | None = None  # pads a row; gives every call an attention_mask
    right_pads: tuple | None = None  # pads a row, at the end of the first call
    pad_ids: bool = False  # pad_token_id stands where the mask is 0
    short_mask: int = 0  # columns that the mask of a continuation lacks at its end
    all_ones: bool = False  # a mask without a zero
    # "from_mask" as generate() makes them, "shifted": each row starts elsewhere, "shared": one row of them that starts
    # at first_position, "scattered" up to last_position, "packed": from 0 for each of `lengths`, "zeros"
    positions: str | None = None
    first_position: int = 0
    last_position: int = 131071
    lengths: tuple | None = None  # of packed sequences
    seq_idx: bool = False  # with seq_idx and cu_seq_lens
    embeds: bool = False  # inputs_embeds in place of ids
    given_cache: int = 0  # tokens of a cache of the caller
    logits_to_keep: int = 0
    logits_positions: tuple | None = None  # of the first call
    labels: str | None = None  # "all", "holes" with -100 among them; "classes", "floats" of a classification
    num_items_in_batch: int = 0
    outputs: tuple = ()  # "hidden_states", "attentions", "router_logits"


def make_calls(prompts, config, layout, random):
    """`prompts`, one after the other, as independent sequences; random: a numpy Generator."""
    calls = []
    for prompt in prompts:
        calls += Maker(prompt, config, layout, random).calls(len(calls))
    return calls


class Maker:
    def __init__(self, prompt, config, layout, random):
        self.prompt, self.config, self.layout, self.random = prompt, config, layout, random

    def calls(self, number):
        prompt = self.prompt
        given = self.draw_cache() if prompt.given_cache else None
        past = prompt.given_cache
        made = []
        for step, tokens in enumerate((prompt.tokens, *prompt.steps)):
            if prompt.lengths is not None:
                tokens = sum(prompt.lengths)
            mask = self.mask(past, tokens, step)
            ids = self.random.integers(0, self.config.vocab_size, (prompt.batch, tokens), dtype=np.int64)
            if prompt.pad_ids and step == 0:
                ids = np.where(mask[:, past:] == 0, self.config.pad_token_id, self.without_pads(ids))
            made.append(
                Call(
                    input_ids=None if prompt.embeds else ids,
                    use_cache=prompt.use_cache,
                    continues=number + step - 1 if step else EMPTY_CACHE,
                    attention_mask=mask,
                    position_ids=self.positions(mask, past, tokens),
                    inputs_embeds=self.embeddings(tokens) if prompt.embeds else None,
                    logits_positions=self.kept_positions() if step == 0 else None,
                    packed=Packed.of(prompt.lengths) if prompt.seq_idx else None,
                    past_key_values=given if step == 0 else None,
                    logits_to_keep=prompt.logits_to_keep,
                    output_hidden_states="hidden_states" in prompt.outputs,
                    output_attentions="attentions" in prompt.outputs,
                    output_router_logits=True if "router_logits" in prompt.outputs else None,
                    num_items_in_batch=prompt.num_items_in_batch,
                    **self.labels(ids),
                )
            )
            past += tokens
        return made

    def mask(self, past, tokens, step):
        prompt = self.prompt
        if prompt.left_pads is None and prompt.right_pads is None and not prompt.all_ones and not prompt.short_mask:
            return None
        mask = np.ones((prompt.batch, past + tokens), dtype=np.int64)
        for row, pads in enumerate(prompt.left_pads or ()):
            mask[row, :pads] = 0
        end = prompt.given_cache + prompt.tokens
        for row, pads in enumerate(prompt.right_pads or ()):
            mask[row, end - pads : end] = 0
        return mask[:, : mask.shape[1] - prompt.short_mask] if step else mask

    def without_pads(self, ids):
        """The pooling of a classification goes by ids: a pad among the real tokens would be one too."""
        return np.where(ids == self.config.pad_token_id, (ids + 1) % self.config.vocab_size, ids)

    def positions(self, mask, past, tokens):
        prompt = self.prompt
        if prompt.positions is None:
            return None
        if prompt.positions == "from_mask":  # GenerationMixin: cumulative sum less one, 0 on pads
            return np.maximum(mask.cumsum(axis=1) - 1, 0)[:, -tokens:]
        if prompt.positions == "shared":
            return np.arange(past, past + tokens)[None, :] + prompt.first_position
        if prompt.positions == "zeros":
            return np.zeros((prompt.batch, tokens), dtype=np.int64)
        if prompt.positions == "scattered":
            positions = self.random.integers(0, prompt.last_position + 1, (prompt.batch, tokens), dtype=np.int64)
            positions[0, -1] = prompt.last_position
            return positions
        if prompt.positions == "packed":
            row = np.concatenate([np.arange(length) for length in prompt.lengths])
            return np.repeat(row[None, :], prompt.batch, axis=0)
        start = prompt.first_position + 3 * np.arange(prompt.batch)[:, None]  # "shifted"
        return np.arange(past, past + tokens)[None, :] + start

    def kept_positions(self):
        kept = self.prompt.logits_positions
        return None if kept is None else np.array(kept, dtype=np.int64)

    def embeddings(self, tokens):
        """Uniform, of the size of embedding rows (random_weights.py)."""
        half_width = np.sqrt(3) / getattr(self.config, "embedding_multiplier", 1.0)
        shape = (self.prompt.batch, tokens, self.config.hidden_size)
        return (half_width * (2 * self.random.random(shape) - 1)).astype(np.float32)

    def labels(self, ids):
        kind, batch = self.prompt.labels, len(ids)
        if kind is None:
            return {}
        if kind == "classes":
            return {"labels": self.random.integers(0, self.config.num_labels, (batch, 1), dtype=np.int64)}
        if kind == "floats":
            floats = self.random.random((batch, self.config.num_labels))
            if self.config.num_labels > 1 and self.config.problem_type != "regression":
                floats = floats > 0.5  # several labels at once
            return {"float_labels": floats.astype(np.float32)}
        labels = self.random.integers(0, self.config.vocab_size, ids.shape, dtype=np.int64)
        if kind == "holes":
            labels[:, ::3] = NO_TARGET
        return {"labels": labels}

    def draw_cache(self):
        """As if `given_cache` tokens had been seen: values between -1 and 1."""
        prompt, extents = self.prompt, self.layout.extents
        window = getattr(self.config, "sliding_window", None)
        kept = min(prompt.given_cache, window - 1) if window else prompt.given_cache

        def draw(*letters):
            shape = [prompt.batch] + [letter if isinstance(letter, int) else extents[letter] for letter in letters]
            return (2 * self.random.random(shape) - 1).astype(np.float32)

        layers = []
        for mixer in self.layout.mixers:
            if mixer == "attention":
                layers.append({"keys": draw("KV", kept, "d"), "values": draw("KV", kept, "d")})
            else:
                layers.append({"conv_state": draw("C", "K"), "ssm_state": draw("Hm", "P", "N")})
        return GivenCache(prompt.given_cache, tuple(layers))
