# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Committed cases of GraniteMoeHybrid."""
from golden.generate.cases.case import CACHE_STEPS, Case
from golden.generate.prompts import Prompt

MAMBA, ATTENTION = "linear_attention", "full_attention"
BASE = {
    "model_type": "granitemoehybrid", "vocab_size": 31, "hidden_size": 20, "intermediate_size": 6,
    "shared_intermediate_size": 9, "num_hidden_layers": 2, "layer_types": [MAMBA, ATTENTION],
    "num_attention_heads": 6, "num_key_value_heads": 3, "head_dim": 4, "num_local_experts": 7, "num_experts_per_tok": 3,
    "mamba_n_heads": 5, "mamba_d_head": 8, "mamba_n_groups": 1, "mamba_d_state": 7, "mamba_d_conv": 4,
    "mamba_expand": 2, "mamba_chunk_size": 5, "max_position_embeddings": 128, "rms_norm_eps": 1e-4,
    "embedding_multiplier": 1.4, "attention_multiplier": 0.35, "residual_multiplier": 0.65, "logits_scaling": 1.2,
    "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "tie_word_embeddings": True,
}

CASES = [
    Case(
        "granitemoehybrid_prefill", "plain prefill across a chunk border, no cache",
        BASE | {"layer_types": [ATTENTION, MAMBA]}, Prompt(tokens=6, use_cache=False), seed=1,
        covers=("input_ids", "logits", "weights_bfloat16", "mamba_chunk_size", "shared_mlp", "no_rope"),
    ),
    Case(
        "granitemoehybrid_cache", "prefill, four single tokens, three at once",
        BASE, Prompt(tokens=4, steps=CACHE_STEPS), seed=2, weights="mixed",
        covers=("prefill", "decode", "continuation", "batch", "cache_out", "weights_mixed"),
    ),
    Case(
        "granitemoehybrid_groups", "three groups, projection bias, no convolution bias",
        BASE | {
            "mamba_n_groups": 3, "hidden_size": 18, "mamba_n_heads": 9, "mamba_d_head": 4, "mamba_d_state": 5,
            "mamba_chunk_size": 3, "mamba_proj_bias": True, "mamba_conv_bias": False, "attention_bias": True,
            "tie_word_embeddings": False,
        },
        Prompt(tokens=7, use_cache=False), seed=3, weights="float32",
        covers=(
            "mamba_n_groups", "mamba_proj_bias", "mamba_no_conv_bias", "attention_bias", "weights_float32", "untied",
            "logits",
        ),
    ),
    Case(
        "granitemoehybrid_dense", "no experts; a time step limit that single tokens ignore",
        BASE | {
            "num_local_experts": 0, "num_experts_per_tok": 0, "time_step_limit": [0.15, 0.7], "mamba_d_conv": 3,
        },
        Prompt(tokens=5, steps=(1, 2)), seed=4,
        covers=("dense", "time_step_limit", "mamba_d_conv", "decode", "continuation"),
    ),
    Case(
        "granitemoehybrid_attention_only", "attention in every layer, with rotary embedding",
        BASE | {
            "layer_types": [ATTENTION, ATTENTION], "position_embedding_type": "rope",
            "num_local_experts": 0, "num_experts_per_tok": 0,
        },
        Prompt(tokens=5, steps=(2,)), seed=5,
        covers=("attention_only", "rope_default", "continuation"),
    ),
    Case(
        "granitemoehybrid_left_pad", "left pads through convolution, scan and attention, then a cache",
        BASE | {"mamba_proj_bias": True},
        Prompt(tokens=5, steps=(2,), left_pads=(0, 3)), seed=6,
        covers=("left_padding", "mask_and_cache", "continuation", "mamba_pads", "mamba_proj_bias"),
    ),
    Case(
        "granitemoehybrid_one_padded_row", "left pads in a batch of one: older releases forgot the mask there",
        BASE | {"num_local_experts": 0, "num_experts_per_tok": 0},
        Prompt(batch=1, tokens=5, use_cache=False, left_pads=(2,)), seed=7,
        covers=("padded_batch_of_one", "left_padding", "dense"),
    ),
]
