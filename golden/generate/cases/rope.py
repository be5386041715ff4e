# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of the rotary embedding: every type, its options, and the lengths at which it changes its mind."""
from golden.generate.cases.tiny import BESIDES_ROPE, case, roped
from golden.generate.features import ALL, HYBRID, MOE, PHIMOE, SHARED
from golden.generate.prompts import Prompt

HEADS = {"head_dim": 8, "num_attention_heads": 3, "num_key_value_heads": 1}  # four frequencies
SHORT_FACTORS, LONG_FACTORS = [1.0, 1.3, 1.7, 2.2], [1.5, 4.0, 9.0, 30.0]
MSCALES = {"short_mscale": 1.2, "long_mscale": 1.4}


def of(architecture):
    def add(name, purpose, parameters, prompt, *covers, committed=(), longest=16, original=8, **config):
        """longest, original: max_position_embeddings now and before."""
        parameters = {"rope_theta": 10000.0, "original_max_position_embeddings": original} | parameters
        if architecture == PHIMOE and parameters["rope_type"] != "default":
            parameters |= MSCALES
        elif parameters["rope_type"] in ("default", "linear", "dynamic", "proportional"):
            del parameters["original_max_position_embeddings"]
        fields = roped(architecture) | HEADS | {"max_position_embeddings": longest, "rope_parameters": parameters}
        return case(
            architecture, name, purpose, fields | config, prompt, covers, committed=architecture in committed,
            not_recorded=BESIDES_ROPE,
        )

    # Behind the original length, behind it again in one step, and single tokens on both sides.
    across = Prompt(tokens=6, steps=(2, 1, 1, 3))
    longer = (Prompt(tokens=6, use_cache=False), Prompt(batch=1, tokens=12, use_cache=False))
    mscale = ("phimoe_mscale",) if architecture == PHIMOE else ()
    yield add(
        "rope_theta", "a base of its own, also in a cache", {"rope_type": "default", "rope_theta": 313.0},
        Prompt(tokens=4, steps=(1,)), "rope_default", "rope_theta", committed=(SHARED, PHIMOE),
    )
    yield add(
        "rope_linear", "positions shrunk by a factor", {"rope_type": "linear", "factor": 2.5},
        Prompt(tokens=4, steps=(1, 3), positions="shifted", first_position=6), "rope_linear", *mscale,
        committed=(HYBRID, PHIMOE),
    )
    yield add(
        "rope_dynamic", "the base grows with the length, from prefill to single tokens",
        {"rope_type": "dynamic", "factor": 2.0}, across, "rope_dynamic", *mscale, longest=8,
        committed=(MOE, PHIMOE),
    )
    memory = () if architecture == PHIMOE else ("rope_dynamic_memory",)
    yield add(
        "rope_dynamic_memory", "lengths of 12, 9, 8, 7 and 9: the frequencies of the longest stay until a short one",
        {"rope_type": "dynamic", "factor": 3.0},
        tuple(Prompt(batch=1, tokens=tokens, use_cache=False) for tokens in (12, 9, 8, 7, 9)), "rope_dynamic", *memory,
        *mscale, longest=8, committed=(HYBRID, SHARED),
    )
    yield add(
        "rope_yarn", "between the two lengths and behind", {"rope_type": "yarn", "factor": 4.0}, longer, "rope_yarn",
        *mscale, longest=32, committed=(MOE, PHIMOE),
    )
    yield add(
        "rope_yarn_betas", "borders of the ramp of the caller", {
            "rope_type": "yarn", "factor": 3.0, "beta_fast": 2.0, "beta_slow": 0.3,
        },
        longer, "rope_yarn_betas", *mscale, longest=24, committed=(HYBRID,),
    )
    yield add(
        "rope_yarn_truncate", "a ramp that is not rounded", {
            "rope_type": "yarn", "factor": 3.0, "beta_fast": 2.0, "beta_slow": 0.1, "truncate": False,
        },
        longer, "rope_yarn_truncate", *mscale, longest=24, committed=(SHARED,),
    )
    yield add(
        "rope_yarn_attention_factor", "the attention factor of the caller", {
            "rope_type": "yarn", "factor": 3.0, "attention_factor": 0.8,
        },
        across, "rope_yarn_attention_factor", *mscale, longest=24, committed=(MOE,),
    )
    yield add(
        "rope_yarn_mscale", "the attention factor from two scales", {
            "rope_type": "yarn", "factor": 5.0, "mscale": 0.7, "mscale_all_dim": 1.3,
        },
        across, "rope_yarn_mscale", *mscale, longest=40, committed=(HYBRID,),
    )
    factors = {"rope_type": "longrope", "short_factor": SHORT_FACTORS, "long_factor": LONG_FACTORS}
    top = {"original_max_position_embeddings": 8}
    yield add(
        "rope_longrope", "short factors up to the original length, there too", factors,
        (Prompt(tokens=5, use_cache=False), Prompt(batch=1, tokens=8, use_cache=False)), "rope_longrope", *mscale,
        longest=32, committed=(SHARED,), **top,
    )
    yield add(
        "rope_longrope_switch", "the switch within a cache, whose keys stay as they were, and back", factors,
        (across, Prompt(batch=1, tokens=9, use_cache=False), Prompt(batch=1, tokens=3, use_cache=False)),
        "rope_longrope_switch", *mscale, longest=32, committed=(MOE, PHIMOE), **top,
    )
    yield add(
        "rope_longrope_padded", "the switch goes by positions, not by the padded length", factors,
        Prompt(tokens=10, steps=(1,), left_pads=(3, 2), positions="from_mask"), "rope_longrope", "rope_longrope_switch",
        *mscale, longest=32, **top,
    )
    yield add(
        "rope_longrope_factors", "factor and attention factor of the caller", factors | {
            "factor": 6.0, "attention_factor": 1.1,
        },
        longer, "rope_longrope_factors", *mscale, longest=32, committed=(HYBRID,), **top,
    )
    yield add(
        "rope_longrope_factor", "the attention factor from a factor of the caller", factors | {"factor": 6.0}, longer,
        "rope_longrope_factors", *mscale, longest=32, **top,
    )
    yield add(
        "rope_llama3", "long, short and middling waves", {
            "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "rope_theta": 40.0,
        },
        longer, "rope_llama3", *mscale, longest=64, original=64, committed=(MOE, HYBRID),
    )
    yield add(
        "rope_proportional", "the first frequencies alone, the rest do not rotate", {
            "rope_type": "proportional", "partial_rotary_factor": 0.5, "factor": 2.0,
        },
        Prompt(tokens=5, steps=(1,)), "rope_proportional", *mscale, committed=(SHARED, PHIMOE),
    )


CASES = [made for architecture in ALL for made in of(architecture)]
