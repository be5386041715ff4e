# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Committed cases of GraniteMoeShared."""
from golden.generate.cases.case import CACHE_STEPS, Case
from golden.generate.prompts import Prompt

BASE = {
    "model_type": "granitemoeshared", "vocab_size": 29, "hidden_size": 20, "intermediate_size": 5,
    "shared_intermediate_size": 9, "num_hidden_layers": 2, "num_attention_heads": 6, "num_key_value_heads": 3,
    "head_dim": 4, "num_local_experts": 6, "num_experts_per_tok": 3, "max_position_embeddings": 128,
    "rms_norm_eps": 2e-3, "embedding_multiplier": 0.8, "attention_multiplier": 0.4, "residual_multiplier": 0.7,
    "logits_scaling": 0.7, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "tie_word_embeddings": False,
}

CASES = [
    Case(
        "granitemoeshared_prefill", "plain prefill of two rows, no cache",
        BASE, Prompt(use_cache=False), seed=1, weights="mixed",
        covers=("input_ids", "logits", "weights_mixed", "shared_mlp", "rope_default"),
    ),
    Case(
        "granitemoeshared_cache", "prefill, four single tokens, three at once",
        BASE, Prompt(tokens=4, steps=CACHE_STEPS), seed=2,
        covers=("prefill", "decode", "continuation", "batch", "cache_out", "weights_bfloat16", "shared_mlp"),
    ),
    Case(
        "granitemoeshared_no_shared_mlp", "shared width 0, rows at different positions, tied",
        BASE | {"shared_intermediate_size": 0, "tie_word_embeddings": True},
        Prompt(tokens=5, steps=(1,), positions="shifted"), seed=3,
        covers=("no_shared_mlp", "tied", "position_ids", "decode"),
    ),
]
