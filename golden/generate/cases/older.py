# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Committed cases with an eye on transformers 4.56.2: models that both versions compute alike, whose head size is D/H
as 4.56.2 wants it, and what only 4.56.2 computes."""
from golden.generate.cases import granitemoehybrid, granitemoeshared, phimoe
from golden.generate.cases.case import Case
from golden.generate.prompts import Prompt

WHOLE_HEADS = {"hidden_size": 24, "num_attention_heads": 6, "head_dim": 4}  # and mamba_expand * 24 channels in 6 heads

CASES = [
    Case(
        "granitemoeshared_whole_heads", "left pads and a cache, in a shape that 4.56.2 accepts",
        granitemoeshared.BASE | WHOLE_HEADS,
        Prompt(tokens=5, steps=(1, 2), left_pads=(2, 0), positions="from_mask"), seed=5,
    ),
    Case(
        "granitemoehybrid_whole_heads", "left pads and single tokens, in a shape that 4.56.2 accepts",
        granitemoehybrid.BASE | WHOLE_HEADS | {"mamba_n_heads": 6},
        Prompt(tokens=6, steps=(1, 1), left_pads=(0, 2)), seed=8,
    ),
    Case(
        "phimoe_longrope_hf4", "long factors beyond the original length, which 4.56.2 alone uses",
        phimoe.BASE | {
            "max_position_embeddings": 32,
            "rope_parameters": {
                "rope_type": "longrope", "rope_theta": 10000.0, "short_factor": [1.1, 1.6],
                "long_factor": [2.5, 6.0], "short_mscale": 1.15, "long_mscale": 1.4,
                "original_max_position_embeddings": 8,
            },
        },
        Prompt(tokens=7, steps=(1, 1, 3)), seed=9, transformers="4.56.2",
    ),
]
