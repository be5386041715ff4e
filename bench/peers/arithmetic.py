# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""What a model must compute for a prompt and must read for a token, counted from its tensors. These are the measures
that are held against the roofs, so they are those of the model, not of an engine: an engine that does more (chunked
scans, padding, masked scores) is not credited for it.

Counted for a prompt of T tokens, a multiplication and an addition as two:
- 2 * T for every element of a matrix that a token passes (projections, router, shared MLP, convolution), and
  2 * T * k / E for those of the routed experts; 2 for those of the language-model head, as only the last token's
  logits are asked for; none for the embedding, which is copied;
- 4 * d * H for every visible pair of positions (scores and weighted values), T * (T + 1) / 2 pairs without a window;
- 5 * Hm * P * N * T for the recurrence of a Mamba2 layer: h = a * h + x * B is three, y = C . h is two.
Norms, activations, rotary embedding and softmax are not counted: they are linear in the width, and below 1 %.

Read for a token: the same matrices once, in the bytes of the engine's weights; the vectors and the row of the embedding
are below 0.1 % and left out, as are cache and state."""
import math
from dataclasses import dataclass

BYTES = {"f32": 4, "bf16": 2}


@dataclass(frozen=True)
class Counts:
    prefill_flops: float
    decode_weights: float  # elements


def head_name(tensors):
    return "lm_head.weight" if "lm_head.weight" in tensors else "model.embed_tokens.weight"


def active_share(checkpoint, name):
    """How much of a tensor a token passes."""
    routed = ".block_sparse_moe." in name and ".router." not in name and ".gate." not in name
    return checkpoint.experts_per_token / checkpoint.experts if routed else 1.0


def active_weights(checkpoint):
    """Elements of the matrices of all layers that a token passes; without embedding and head."""
    total = 0.0
    for name, tensor in checkpoint.tensors.items():
        if name.startswith("model.layers.") and len(tensor.shape) > 1:
            total += math.prod(tensor.shape) * active_share(checkpoint, name)
    return total


def head_weights(checkpoint):
    return math.prod(checkpoint.tensors[head_name(checkpoint.tensors)].shape)


def visible_pairs(tokens, window):
    """Pairs of a position and one that it sees: itself and those before it, `window` of them at most."""
    if window is None or window >= tokens:
        return tokens * (tokens + 1) // 2
    return window * (window + 1) // 2 + (tokens - window) * window


def attention_flops(checkpoint, tokens):
    fields = checkpoint.fields
    window = fields.get("sliding_window") if checkpoint.model_type == "phimoe" else None
    return 4 * checkpoint.head_size * fields["num_attention_heads"] * visible_pairs(tokens, window)


def mamba_flops(checkpoint, tokens):
    fields = checkpoint.fields
    return 5 * fields["mamba_n_heads"] * fields["mamba_d_head"] * fields["mamba_d_state"] * tokens


def count(checkpoint, tokens):
    mixing = {"attention": attention_flops, "mamba": mamba_flops}
    flops = 2 * active_weights(checkpoint) * tokens + 2 * head_weights(checkpoint)
    flops += sum(mixing[mixer](checkpoint, tokens) for mixer in checkpoint.mixers)
    return Counts(flops, active_weights(checkpoint) + head_weights(checkpoint))
