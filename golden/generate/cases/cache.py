# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of the cache: how it is filled, grown, cropped and handed over."""
from golden.generate.cases.tiny import BESIDES_MIXERS, STATES, besides, case
from golden.generate.features import ALL, HYBRID, MOE, PHIMOE
from golden.generate.prompts import Prompt

BESIDES_STATES = besides(*STATES)
DENSE = {"num_local_experts": 0, "num_experts_per_tok": 0}


def of(architecture):
    def add(name, purpose, prompt, *covers, config=None, committed=(), not_recorded=BESIDES_MIXERS):
        return case(
            architecture, name, purpose, config or {}, prompt, covers, committed=architecture in committed,
            not_recorded=not_recorded, long="long" in name,
        )

    yield add(
        "steps", "three rows: prefill, single tokens, several at once", Prompt(batch=3, tokens=3, steps=(1, 1, 3, 1)),
        "prefill", "decode", "continuation", "batch", "cache_out",
    )
    yield add(
        "long_cache", "a cache grown across 64 single tokens; only states and logits are kept",
        Prompt(batch=1, tokens=3, steps=(1,) * 64), "long_cache", "decode", not_recorded=BESIDES_STATES,
        config=DENSE if architecture == HYBRID else None, committed=(HYBRID,),
    )
    yield add(
        "given_cache", "past_key_values of the caller, then a single token and several",
        Prompt(tokens=2, steps=(1,), given_cache=4), "past_key_values", committed=ALL,
    )
    yield add(
        "given_cache_one_token", "a single token on past_key_values of the caller, under a mask",
        Prompt(batch=3, tokens=1, steps=(1, 1, 1), given_cache=4, left_pads=(2, 0, 1)), "past_key_values", "mask_and_cache",
    )
    yield add(
        "second_sequence", "a second sequence forgets the first, also with another batch",
        (Prompt(tokens=3, steps=(1,)), Prompt(batch=1, tokens=2, use_cache=False), Prompt(batch=3, tokens=2)),
        "second_sequence", "batch", committed=(MOE,),
    )
    if architecture == HYBRID:
        yield add(
            "short_prompt", "one token, then two: fewer than the convolution is wide", Prompt(tokens=1, steps=(2, 1)),
            "short_prompt", "decode", committed=(HYBRID,),
        )
    if architecture == PHIMOE:
        yield add(
            "window_crop", "a window that crops prefill, single tokens and several, with pads",
            Prompt(tokens=6, steps=(1, 4, 1), left_pads=(3, 0)), "sliding_crop", "sliding_window",
            config={"sliding_window": 4}, committed=(PHIMOE,),
        )
        yield add(
            "window_given_cache", "past_key_values that a window has cropped",
            Prompt(tokens=1, steps=(2, 1), given_cache=9), "past_key_values", "sliding_crop",
            config={"sliding_window": 3}, committed=(PHIMOE,),
        )
        yield add(
            "window_long", "64 single tokens under a window", Prompt(tokens=3, steps=(1,) * 64), "long_cache",
            "sliding_crop", config={"sliding_window": 5}, not_recorded=BESIDES_STATES,
        )
        yield add(
            "window_2", "the smallest window: a token sees the one before", Prompt(tokens=4, steps=(1, 2)),
            "sliding_window_2", "sliding_crop", config={"sliding_window": 2}, committed=(PHIMOE,),
        )
        yield add(
            "window_wide", "a window wider than all tokens changes nothing", Prompt(tokens=4, steps=(1, 2)),
            "sliding_window", config={"sliding_window": 50},
        )


CASES = [made for architecture in ALL for made in of(architecture)]
