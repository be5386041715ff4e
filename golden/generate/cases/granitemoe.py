# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Committed cases of GraniteMoe."""
from golden.generate.cases.case import CACHE_STEPS, Case
from golden.generate.prompts import Prompt

BASE = {
    "model_type": "granitemoe", "vocab_size": 31, "hidden_size": 24, "intermediate_size": 5, "num_hidden_layers": 2,
    "num_attention_heads": 6, "num_key_value_heads": 3, "num_local_experts": 8, "num_experts_per_tok": 3,
    "max_position_embeddings": 128, "rms_norm_eps": 1e-5, "embedding_multiplier": 1.7, "attention_multiplier": 0.3,
    "residual_multiplier": 0.6, "logits_scaling": 1.3, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
    "tie_word_embeddings": False,
}

CASES = [
    Case(
        "granitemoe_prefill", "plain prefill of two rows, no cache",
        BASE | {"num_hidden_layers": 3}, Prompt(tokens=6, use_cache=False), seed=1,
        covers=("input_ids", "logits", "weights_bfloat16", "rope_default", "batch"),
    ),
    Case(
        "granitemoe_cache", "prefill, four single tokens, three at once",
        BASE, Prompt(tokens=4, steps=CACHE_STEPS), seed=2, weights="mixed",
        covers=("prefill", "decode", "continuation", "batch", "cache_out", "weights_mixed"),
    ),
    Case(
        "granitemoe_gqa_tied", "head_dim apart from D/H, biases, tied weights, large eps",
        BASE | {
            "hidden_size": 28, "head_dim": 6, "num_attention_heads": 8, "num_key_value_heads": 2,
            "attention_bias": True, "tie_word_embeddings": True, "rms_norm_eps": 0.05, "eos_token_id": [2, 7],
            "num_local_experts": 7, "num_experts_per_tok": 4,
        },
        Prompt(batch=3, tokens=4, use_cache=False), seed=3, weights="float32",
        covers=("input_ids", "logits", "head_dim", "attention_bias", "tied", "rms_norm_eps", "weights_float32"),
    ),
    Case(
        "granitemoe_left_pad", "left pads with the positions generate() makes, then a cache",
        BASE | {"num_attention_heads": 4, "num_key_value_heads": 1},
        Prompt(tokens=6, steps=(1,), left_pads=(3, 0), positions="from_mask"), seed=4,
        covers=("left_padding", "position_ids", "mask_and_cache", "mqa", "decode"),
    ),
]
