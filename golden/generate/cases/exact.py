# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Cases without a rounding (exact_weights.py, docs/numerics.md): at every site an engine must have the very numbers.
With pads, which a continuation must not see, and all positions 0, where the rotation is none."""
from golden.generate.cases.case import Case
from golden.generate.prompts import Prompt

EPS = 2.0**126  # of a norm: the mean of the squares vanishes beside it, and its inverse root is 2^-63
MAMBA, ATTENTION = "linear_attention", "full_attention"
COMMON = {
    "vocab_size": 31, "num_hidden_layers": 2, "intermediate_size": 8, "max_position_embeddings": 128,
    "rms_norm_eps": EPS, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "tie_word_embeddings": False,
}
GRANITE = COMMON | {
    "hidden_size": 24, "num_attention_heads": 6, "num_key_value_heads": 3, "num_local_experts": 7,
    "num_experts_per_tok": 3, "embedding_multiplier": 4.0, "attention_multiplier": 0.5, "residual_multiplier": 0.5,
    "logits_scaling": 8.0,
}
CONFIGS = {
    "granitemoe": GRANITE | {"attention_bias": True},
    "granitemoeshared": GRANITE | {"shared_intermediate_size": 13, "logits_scaling": 0.25},
    "granitemoehybrid": GRANITE | {
        "shared_intermediate_size": 11, "layer_types": [MAMBA, ATTENTION], "mamba_n_heads": 6, "mamba_d_head": 8,
        "mamba_n_groups": 2, "mamba_d_state": 5, "mamba_d_conv": 4, "mamba_expand": 2, "mamba_chunk_size": 4,
        "mamba_proj_bias": True, "residual_multiplier": 0.25,
    },
    "phimoe": COMMON | {
        "hidden_size": 16, "num_attention_heads": 4, "num_key_value_heads": 2, "num_local_experts": 6,
        "num_experts_per_tok": 2, "attention_bias": True, "lm_head_bias": True, "sliding_window": None,
    },
}


def case(architecture, config):
    positions = None if architecture == "granitemoehybrid" else "zeros"
    return Case(
        f"{architecture}_exact", "sums of few bits, exact in float32 in every order; two rows, pads, then a cache",
        {"model_type": architecture} | config, Prompt(tokens=6, steps=(1, 3), right_pads=(0, 2), positions=positions),
        seed=1, exact=True, not_recorded=() if positions is None else ("rope_sin",),  # which is 0
        covers=("prefill", "decode", "continuation", "cache_out", "batch", "right_padding", "mask_and_cache"),
    )


CASES = [case(architecture, config) for architecture, config in CONFIGS.items()]
