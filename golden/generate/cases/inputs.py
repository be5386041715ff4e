# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of what a call is given: masks, positions, embeddings, packed sequences."""
from golden.generate.cases.tiny import (
    ATTENTION, BESIDES_MIXERS, BESIDES_ROPE, MAMBA, ROPE, STATES, besides, case, roped,
)
from golden.generate.features import ALL, HYBRID, MOE, PHIMOE, SHARED
from golden.generate.prompts import Prompt


def of(architecture):
    def add(name, purpose, prompt, *covers, config=None, committed=(), not_recorded=BESIDES_MIXERS):
        return case(
            architecture, name, purpose, config or {}, prompt, covers, committed=architecture in committed,
            not_recorded=not_recorded,
        )

    rotated = {"config": roped(architecture), "not_recorded": BESIDES_ROPE}
    yield add(
        "embeds", "inputs_embeds, also in steps that continue the cache", Prompt(tokens=3, steps=(1, 2), embeds=True),
        "inputs_embeds", "prefill", "decode", "continuation", committed=(MOE, PHIMOE),
        not_recorded=besides("embed_out", *STATES, "layer_out"),
    )
    yield add(
        "mask_of_ones", "a mask without a zero changes nothing", Prompt(tokens=5, use_cache=False, all_ones=True),
        "mask_of_ones",
    )
    yield add(
        "ragged", "pads left, right and on both sides, then one token",
        Prompt(batch=3, tokens=5, steps=(1,), left_pads=(2, 0, 1), right_pads=(0, 3, 1), pad_ids=True),
        "ragged_batch", "mask_and_cache", "batch", committed=(SHARED, HYBRID),
    )
    yield add(
        "right_pad", "pads on the right, then a cache that holds them", Prompt(tokens=5, steps=(1,), right_pads=(0, 3)),
        "right_padding", "mask_and_cache", committed=(MOE,),
    )
    yield add(
        "masked_row", "a row that is masked as a whole", Prompt(tokens=4, use_cache=False, left_pads=(0, 4)),
        "masked_row", committed=(MOE, HYBRID),
    )
    yield add(
        "padded_batch_of_one", "pads in a batch of one", Prompt(batch=1, tokens=5, steps=(2,), left_pads=(2,)),
        "padded_batch_of_one", "left_padding",
    )
    yield add(
        "short_mask", "a mask that lacks the last columns hides them",
        Prompt(tokens=3, steps=(2,), left_pads=(1, 0), short_mask=1), "short_mask", committed=(MOE, HYBRID),
    )
    yield add(
        "left_pad_generate", "left pads with the positions generate() makes, then single tokens",
        Prompt(tokens=5, steps=(1, 1), left_pads=(3, 0), positions="from_mask", pad_ids=True), "left_padding",
        "position_ids", "mask_and_cache", committed=(PHIMOE,),
    )
    yield add(
        "positions", "each row at other positions, then a cache", Prompt(tokens=4, steps=(1, 2), positions="shifted"),
        "position_ids", **rotated, committed=(HYBRID,),
    )
    yield add(
        "shared_positions", "one row of positions for both rows of tokens",
        Prompt(tokens=4, steps=(2,), positions="shared", first_position=11), "shared_position_ids", **rotated,
        committed=(MOE,),
    )
    yield add(
        "far_positions", "positions up to 131071, out of order",
        Prompt(tokens=5, use_cache=False, positions="scattered"), "far_positions",
        **rotated | {"config": rotated["config"] | {"max_position_embeddings": 131072}}, committed=(SHARED, PHIMOE),
    )
    yield add(
        "restarted_positions", "restarted positions with a cache are one sequence",
        Prompt(lengths=(3, 2), positions="packed"), "restarted_positions", **rotated, committed=(MOE,),
    )
    if architecture == HYBRID:
        yield from of_hybrid(add)
        return
    yield add(
        "packed", "three sequences in each row, by restarted positions",
        Prompt(lengths=(3, 1, 4), positions="packed", use_cache=False), "packed_positions", committed=ALL,
    )
    if architecture == PHIMOE:
        yield add(
            "packed_window", "packed sequences longer than the window",
            Prompt(lengths=(5, 3), positions="packed", use_cache=False), "packed_positions", "sliding_window",
            config={"sliding_window": 3},
        )


def of_hybrid(add):
    yield add(
        "mamba_pads", "pads in a first call and within a continuation; a single token is never one",
        (
            Prompt(tokens=3, steps=(1, 2), left_pads=(0, 1), right_pads=(1, 0)),
            Prompt(tokens=1, steps=(3,), left_pads=(0, 3)),
        ),
        "mamba_pads", "mask_and_cache", "short_prompt", config={"mamba_proj_bias": True}, committed=(HYBRID,),
    )
    yield add(
        "packed", "four sequences by seq_idx, one of a single token",
        Prompt(batch=1, lengths=(3, 1, 6, 2), seq_idx=True, use_cache=False, outputs=("attentions",)), "seq_idx",
        "attentions", committed=(HYBRID,),
    )
    yield add(
        "packed_rope", "sequences by seq_idx, rotated by restarted positions",
        Prompt(batch=1, lengths=(5, 2, 4), seq_idx=True, positions="packed", use_cache=False), "seq_idx_rope",
        config=ROPE | {"layer_types": [ATTENTION, MAMBA]}, committed=(HYBRID,),
    )
    yield add(
        "packed_losses", "labels, the balance of the experts and kept logits of packed sequences",
        (
            Prompt(
                batch=1, lengths=(4, 3), seq_idx=True, use_cache=False, labels="holes", outputs=("router_logits",)
            ),
            Prompt(batch=1, lengths=(2, 5), seq_idx=True, use_cache=False, embeds=True, logits_to_keep=3),
        ),
        "seq_idx", "aux_loss", "loss_holes", config={"router_aux_loss_coef": 0.3},
    )


CASES = [made for architecture in ALL for made in of(architecture)]
