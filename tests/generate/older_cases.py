# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Small cases by what transformers 4.56.2 makes of them. Run as a program under 4.56.2, it makes all goldens of one
directory again in another: python -m tests.generate.older_cases FROM TO; prints JSON, case -> null, or the message of a
refusal."""
import json
import sys
from pathlib import Path

from golden.generate.cases import CASES, granitemoe, granitemoehybrid, granitemoeshared, phimoe
from golden.generate.cases.case import Case
from golden.generate.cases.older import WHOLE_HEADS
from golden.generate.prompts import Prompt

HYBRID = granitemoehybrid.BASE | WHOLE_HEADS | {"mamba_n_heads": 6}
SHARED = granitemoeshared.BASE | WHOLE_HEADS
ATTENTION, MAMBA = granitemoehybrid.ATTENTION, granitemoehybrid.MAMBA
PREFILL = Prompt(tokens=6, use_cache=False)
ALL_OUTPUTS = Prompt(
    tokens=6, use_cache=False, left_pads=(2, 0), labels="holes",
    outputs=("hidden_states", "attentions", "router_logits"),
)
# Lengths below, at and beyond the original one, with a memory between them (rope type dynamic).
GROWING = Prompt(tokens=6, steps=(2, 1, 1))


def granite_rope(**parameters):
    """The published length is 32, that before scaling 8 where the type asks for it."""
    return granitemoe.BASE | {
        "max_position_embeddings": 32, "rope_parameters": {"rope_theta": 10000.0, **parameters},
    }


LONG = {"rope_type": "longrope", "short_factor": [1.1, 1.6], "long_factor": [2.5, 6.0]}
PHIMOE_LONG = phimoe.BASE | {
    "max_position_embeddings": 32,
    "rope_parameters": LONG | {
        "rope_theta": 10000.0, "short_mscale": 1.15, "long_mscale": 1.4, "original_max_position_embeddings": 8,
    },
}

EQUAL = [
    Case("outputs_granitemoe", "", granitemoe.BASE, ALL_OUTPUTS, 1),
    Case("outputs_granitemoeshared", "", SHARED, ALL_OUTPUTS, 1),
    Case("outputs_granitemoehybrid", "", HYBRID, ALL_OUTPUTS, 1),
    Case("outputs_phimoe", "", phimoe.BASE, ALL_OUTPUTS, 1),
    Case("embeds_shared", "", SHARED | {"shared_intermediate_size": 0}, Prompt(embeds=True, logits_to_keep=2), 2),
    Case("bare_hybrid", "", HYBRID | {"architectures": ["GraniteMoeHybridModel"]}, PREFILL, 3),
    Case("classifier", "", phimoe.BASE | {
        "architectures": ["PhimoeForSequenceClassification"], "num_labels": 3,
    }, Prompt(tokens=5, use_cache=False, right_pads=(2, 0), pad_ids=True, labels="classes"), 4),
    Case("attention_only", "", HYBRID | {
        "layer_types": [ATTENTION, ATTENTION], "position_embedding_type": "rope", "num_local_experts": 0,
        "num_experts_per_tok": 0,
    }, Prompt(tokens=5, steps=(2,)), 5),
    Case("chunks_and_biases", "", HYBRID | {
        "layer_types": [ATTENTION, MAMBA], "mamba_proj_bias": True, "attention_bias": True, "mamba_chunk_size": 4,
    }, Prompt(tokens=9, steps=(1,), right_pads=(0, 3)), 6),
    Case("window_without_cache", "", phimoe.BASE | {"sliding_window": 3}, PREFILL, 7),
    Case("linear", "", granite_rope(rope_type="linear", factor=4.0), GROWING, 8),
    Case("dynamic", "", granite_rope(rope_type="dynamic", factor=4.0) | {"max_position_embeddings": 8}, GROWING, 9),
    Case("yarn", "", granite_rope(rope_type="yarn", factor=4.0, original_max_position_embeddings=8), GROWING, 10),
    Case("llama3", "", granite_rope(
        rope_type="llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=8,
    ), GROWING, 11),
    Case("longrope", "", granite_rope(**LONG, factor=4.0, original_max_position_embeddings=8), GROWING, 12),
    Case("longrope_below", "", PHIMOE_LONG, Prompt(tokens=6, steps=(2,)), 13),
    Case("packed", "", HYBRID, Prompt(batch=1, lengths=(3, 4), positions="packed", seq_idx=True, use_cache=False), 25),
    Case("given_cache_hybrid", "", HYBRID, Prompt(given_cache=4, tokens=1), 26),
    Case("given_cache_window", "", phimoe.BASE | {"sliding_window": 6}, Prompt(given_cache=4, tokens=2), 27),
]
DIFFERS = [
    Case("groups", "", HYBRID | {"mamba_n_groups": 3}, PREFILL, 14),
    Case("one_padded_row", "", HYBRID, Prompt(batch=1, tokens=6, use_cache=False, left_pads=(2,)), 15),
    Case("packed_positions", "", granitemoe.BASE, Prompt(lengths=(3, 4), positions="packed", use_cache=False), 16),
    Case("longrope_beyond", "", PHIMOE_LONG, GROWING, 17),
    Case("phimoe_dynamic", "", phimoe.BASE | {
        "max_position_embeddings": 8, "rope_parameters": {
            "rope_type": "dynamic", "factor": 4.0, "rope_theta": 10000.0, "short_mscale": 1.15, "long_mscale": 1.4,
            "original_max_position_embeddings": 8,
        },
    }, GROWING, 28),
    CASES["granitemoeshared_generate_sample_all"],
    Case("other_factor", "", granite_rope(**LONG, factor=2.0, original_max_position_embeddings=8), GROWING, 18),
]
CANNOT = [
    Case("head_size", "", granitemoe.BASE | {"head_dim": 6}, PREFILL, 19),
    Case("time_step_limit", "", HYBRID | {"time_step_limit": [0.1, 0.7]}, PREFILL, 20),
    Case("proportional", "", granite_rope(rope_type="proportional", partial_rotary_factor=0.5), PREFILL, 21),
    Case("continuation", "", HYBRID, Prompt(tokens=4, steps=(2,)), 22),
    Case("window_with_cache", "", phimoe.BASE | {"sliding_window": 3}, Prompt(tokens=4, steps=(1,)), 23),
    Case("far_positions", "", phimoe.BASE, Prompt(positions="shifted"), 24),
]
# One of each architecture.
COMMITTED = ("granitemoe_cache", "granitemoeshared_whole_heads", "granitemoehybrid_whole_heads", "phimoe_cache")


def make_all_again(source, target):
    """case -> None, or the message of a refusal"""
    from golden.generate import runtime

    runtime.prepare("4.56.2")
    from golden.generate.again import make_again
    from golden.generate.errors import CannotError

    outcomes = {}
    for golden in sorted(source.glob("*.h5")):
        try:
            make_again(golden, target / golden.name)
            outcomes[golden.stem] = None
        except CannotError as error:
            outcomes[golden.stem] = str(error)
    return outcomes


if __name__ == "__main__":
    print(json.dumps(make_all_again(*map(Path, sys.argv[1:]))))
