# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Random weights at a sane scale: uniform, from PCG64, so that the same seed gives the same weights on every machine.

The ranges keep activations near 1 whatever the width, let every branch weigh in the logits, keep router logits far
apart, and put norms, biases and skips away from 1 and 0, where a forgotten one would not show."""
import math

import numpy as np

from golden.generate.sites import layout_of

# Names on disk end in one of these; the range does not depend on the width.
FIXED_RANGES = {
    "norm.weight": (0.5, 1.5), "norm.bias": (-0.4, 0.4),
    "q_proj.bias": (-0.6, 0.6), "k_proj.bias": (-0.6, 0.6), "v_proj.bias": (-0.6, 0.6), "o_proj.bias": (-0.6, 0.6),
    "in_proj.bias": (-0.6, 0.6), "out_proj.bias": (-0.6, 0.6), "conv1d.bias": (-0.4, 0.4), "lm_head.bias": (-0.8, 0.8),
    "dt_bias": (-3.0, 0.5),  # softplus: time steps of 0.05 to 1
    "A_log": (0.0, 2.0),  # decay rates of 1 to 7
    "mamba.D": (0.5, 1.5),
    "act_fn.weight": (0.1, 0.4), "activation.weight": (0.1, 0.4), "act.weight": (0.1, 0.4),  # of prelu
    ".alpha_p": (-0.5, 0.5), ".alpha_n": (-1.5, -0.5), ".beta": (0.3, 0.7), ".eps": (-2e-6, -1e-6),  # of xielu
}
# Standard deviation is this over the square root of the fan-in, the last extent.
GAINS = {
    "v_proj.weight": 1.0, "o_proj.weight": 1.5, "in_proj.weight": 1.0, "out_proj.weight": 1.0, "lm_head.weight": 1.0,
    "score.weight": 1.0, "conv1d.weight": 1.0, "router.layer.weight": 2.5, "gate.weight": 2.5,
    "input_linear.weight": 1.4, "output_linear.weight": 2.0, "w1.weight": 1.4, "w3.weight": 1.4, "w2.weight": 1.4,
}
SCORE_DEVIATION = 1.5  # of the attention scores, for an attention that is neither uniform nor one-hot


def value_range(config, name, shape):
    """(low, high) of one tensor."""
    for ending, limits in FIXED_RANGES.items():
        if name.endswith(ending):
            return limits
    if name.endswith("embed_tokens.weight"):
        deviation = 1.0 / getattr(config, "embedding_multiplier", 1.0)
    elif name.endswith(("q_proj.weight", "k_proj.weight")):
        head_size = layout_of(config).extents["d"]
        scale = getattr(config, "attention_multiplier", head_size**-0.5)
        gain = min(max(math.sqrt(SCORE_DEVIATION / (scale * math.sqrt(head_size))), 0.5), 4.0)
        deviation = gain / math.sqrt(shape[-1])
    else:
        gain = next(gain for ending, gain in GAINS.items() if name.endswith(ending))
        deviation = gain / math.sqrt(shape[-1])
    half_width = math.sqrt(3) * deviation  # of a uniform distribution
    return -half_width, half_width


def draw(config, name, shape, seed, index):
    """One tensor, float32. `index` is its place in the manifest: a tensor does not depend on those before it."""
    low, high = value_range(config, name, shape)
    random = np.random.Generator(np.random.PCG64([seed, index]))
    return (low + (high - low) * random.random(shape)).astype(np.float32)


def draw_fast(config, name, shape, dtype, seed, index):
    """As `draw`, in one of 65,536 equidistant values, already in `dtype`: a table look-up, for billions of weights."""
    low, high = value_range(config, name, shape)
    levels = (low + (high - low) * (np.arange(65536) + 0.5) / 65536).astype(np.float32)
    table = encode(levels, dtype)
    random = np.random.Generator(np.random.PCG64([seed, index]))
    return table[random.integers(0, 65536, shape, dtype=np.uint16)]


def encode(values, dtype):
    """float32 -> the array that stands on disk; bfloat16 as its bits, rounded to nearest even."""
    if dtype == "bfloat16":
        bits = np.asarray(values, dtype=np.float32, order="C").view(np.uint32)  # a scalar stays one
        return np.asarray(((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16))
    return values.astype(np.dtype(dtype))


def dtype_on_disk(name, shape, dtype):
    """`dtype` of a golden's weights: one for all, or "mixed", with vectors float32 and matrices bfloat16."""
    if name.endswith((".alpha_p", ".alpha_n", ".beta", ".eps")):
        return "bfloat16"  # whatever the model has: transformers rounds them when it loads them
    if dtype == "mixed":
        return "float32" if len(shape) == 1 else "bfloat16"
    return dtype
