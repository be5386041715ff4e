# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Committed cases with an eye on transformers 4.56.2: models that both versions compute alike, whose head size is D/H as
4.56.2 wants it."""
from golden.generate.cases import granitemoehybrid, granitemoeshared
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
]
