# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Committed cases of PhiMoE. The jitter is large, so that the bands of the router keep a second and a third expert."""
from golden.generate.cases.case import CACHE_STEPS, Case
from golden.generate.prompts import Prompt

BASE = {
    "model_type": "phimoe", "vocab_size": 31, "hidden_size": 24, "intermediate_size": 7, "num_hidden_layers": 2,
    "num_attention_heads": 6, "num_key_value_heads": 3, "num_local_experts": 7, "num_experts_per_tok": 2,
    "router_jitter_noise": 0.15, "max_position_embeddings": 128, "rms_norm_eps": 1e-3, "attention_bias": True,
    "lm_head_bias": True, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "tie_word_embeddings": False,
    "sliding_window": None,
}
CASES = [
    Case(
        "phimoe_prefill", "plain prefill of two rows, no cache",
        BASE | {"num_hidden_layers": 3}, Prompt(tokens=5, use_cache=False), seed=1,
        covers=("input_ids", "logits", "weights_bfloat16", "attention_bias", "lm_head_bias", "rope_default"),
    ),
    Case(
        "phimoe_cache", "prefill, four single tokens, three at once",
        BASE, Prompt(tokens=4, steps=CACHE_STEPS), seed=2, weights="mixed",
        covers=("prefill", "decode", "continuation", "batch", "cache_out", "weights_mixed"),
    ),
    Case(
        "phimoe_sliding_window", "a window shorter than the prompt, cropping the cache",
        BASE | {"sliding_window": 4, "attention_bias": False, "lm_head_bias": False},
        Prompt(tokens=5, steps=(1, 2)), seed=3,
        covers=("sliding_window", "sliding_crop", "decode", "continuation"),
    ),
    Case(
        "phimoe_bias", "all biases, head_dim apart from D/H, a wide band",
        BASE | {"head_dim": 8, "num_attention_heads": 6, "num_key_value_heads": 2, "router_jitter_noise": 0.3},
        Prompt(batch=3, tokens=4, use_cache=False), seed=4,
        covers=("input_ids", "logits", "attention_bias", "lm_head_bias", "head_dim", "router_jitter_noise", "batch"),
    ),
]
