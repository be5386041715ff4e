# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of the config: what a checkpoint may be other than the tiny models are."""
from golden.generate.cases.tiny import ATTENTION, BESIDES_MIXERS, BESIDES_ROPE, MAMBA, ROPE, besides, case
from golden.generate.features import ACTIVATIONS, ALL, GRANITE, HYBRID, MOE, PHIMOE, SHARED
from golden.generate.prompts import Prompt

PLAIN = Prompt(tokens=4, use_cache=False)
STEPS = Prompt(tokens=3, steps=(1, 2))
BESIDES_ACTIVATIONS = besides("expert_act", "shared_act", "conv_out", "layer_out")


def of(architecture):
    def add(name, purpose, config, prompt, *covers, committed=(), **more):
        return case(architecture, name, purpose, config, prompt, covers, committed=architecture in committed, **more)

    mixers = {"not_recorded": BESIDES_MIXERS}
    yield add(
        "head_dim", "a head size apart from D/H, with biases", {"head_dim": 6, "attention_bias": True}, PLAIN,
        "head_dim", "attention_bias", committed=(SHARED,),
    )
    yield add("mqa", "one key head", {"num_key_value_heads": 1}, STEPS, "mqa", committed=(MOE,), **mixers)
    yield add(
        "mha", "as many key heads as heads", {"num_key_value_heads": 4}, STEPS, "mha", committed=(SHARED,),
        **mixers,
    )
    yield add(
        "no_bias", "no bias anywhere, weights apart", {"attention_bias": False, "lm_head_bias": False, **untied(True)},
        PLAIN, "untied", "weights_float32", weights="float32", committed=(PHIMOE,),
    )
    yield add(
        "tied", "embeddings serve as language head", untied(False), PLAIN, "tied", "weights_float16", weights="float16",
        committed=(MOE, PHIMOE),
    )
    yield add(
        "tied_both", "tied, yet another language head in the file, which stays", untied(False), PLAIN, "tied_both",
        "weights_mixed", weights="mixed", lm_head="both", committed=(SHARED,),
    )
    yield add(
        "tied_head_alone", "tied, and the language head alone in the file", untied(False), PLAIN, "tied_head_alone",
        lm_head="alone", committed=(MOE,),
    )
    yield add("large_eps", "an epsilon that counts", {"rms_norm_eps": 0.3}, PLAIN, "rms_norm_eps", committed=(SHARED,))
    if architecture in GRANITE:
        yield from of_granite(architecture, add)
    chosen = 2 if architecture == PHIMOE else 4
    yield add(
        "all_experts", "as many experts a token as there are",
        {"num_local_experts": chosen, "num_experts_per_tok": chosen}, PLAIN, "all_experts", committed=(MOE, PHIMOE),
    )
    if architecture in (MOE, SHARED):
        yield add(
            "no_experts", "no experts: the mixture adds nothing", {"num_local_experts": 0, "num_experts_per_tok": 0}, STEPS,
            "dense",
        )
    for index, activation in enumerate(ACTIVATIONS):
        yield add(
            f"act_{activation}", f"hidden_act {activation}", {"hidden_act": activation}, PLAIN, f"act_{activation}",
            not_recorded=BESIDES_ACTIVATIONS, committed=(ALL[index % len(ALL)],),
        )
    if architecture == SHARED:
        yield add(
            "shared_off", "no shared MLP", {"shared_intermediate_size": 0}, STEPS, "no_shared_mlp",
        )
    if architecture in (SHARED, HYBRID):
        yield add(
            "shared_wide", "a shared MLP wider than the model", {"shared_intermediate_size": 19}, PLAIN, "shared_mlp",
        )
    if architecture == HYBRID:
        yield from of_hybrid(add)
    if architecture == PHIMOE:
        for noise in (0.01, 0.4, 1.0):
            yield add(
                f"jitter_{noise}".replace(".", "_"), "another band of the router",
                {"router_jitter_noise": noise, "num_local_experts": 7}, PLAIN, "router_jitter_noise",
                committed=(PHIMOE,) if noise == 0.4 else (),
            )


def untied(apart):
    return {"tie_word_embeddings": not apart}


def of_granite(architecture, add):
    for name, value, where in (
        ("embedding_multiplier", 12, MOE), ("attention_multiplier", 0.015625, SHARED),
        ("residual_multiplier", 0.22, HYBRID), ("logits_scaling", 6, HYBRID),
    ):
        yield add(
            name, f"{name} as published, an integer where it is one", {name: value}, PLAIN, name, committed=(where,),
            not_recorded=besides("embed_out", "attn_scores", "mixer_out", "resid_mid", "layer_out"),
        )
    yield add(
        "one_expert", "one expert, chosen always", {"num_local_experts": 1, "num_experts_per_tok": 1}, PLAIN,
        "one_expert", committed=(SHARED,),
    )
    yield add(
        "top_1", "one expert a token", {"num_local_experts": 6, "num_experts_per_tok": 1}, PLAIN, "input_ids",
    )


def of_hybrid(add):
    yield add(
        "no_attention", "no attention layer, hence no cache", {"layer_types": [MAMBA, MAMBA]},
        Prompt(tokens=6, use_cache=False, left_pads=(2, 0)), "no_attention", "left_padding", committed=(HYBRID,),
        not_recorded=BESIDES_MIXERS,
    )
    yield add(
        "attention_first", "attention, then two Mamba2 layers", {
            "num_hidden_layers": 3, "layer_types": [ATTENTION, MAMBA, MAMBA], "position_embedding_type": "nope",
        },
        STEPS, "no_rope",
    )
    yield add(
        "rope_mamba", "a rotary embedding beside a Mamba2 layer", ROPE, STEPS, "rope_default", committed=(HYBRID,),
        not_recorded=BESIDES_ROPE,
    )
    yield add("groups_2", "two groups", {"mamba_n_groups": 2}, PLAIN, "mamba_n_groups", committed=(HYBRID,))
    yield add("groups_4", "a group for each head", {"mamba_n_groups": 4}, PLAIN, "mamba_n_groups")
    for chunk, tokens in ((3, 7), (1, 4), (64, 6), (4, 8)):
        yield add(
            f"chunk_{chunk}", f"chunks of {chunk} for {tokens} tokens", {"mamba_chunk_size": chunk},
            Prompt(tokens=tokens, steps=(5,)), "mamba_chunk_size", committed=(HYBRID,) if chunk == 3 else (),
            not_recorded=besides("ssm_out", "ssm_state", "conv_state", "gated_norm_out", "layer_out"),
        )
    for width in (2, 3, 5):
        yield add(
            f"conv_{width}", f"a convolution of {width}", {"mamba_d_conv": width}, Prompt(tokens=2, steps=(1, 3)),
            "mamba_d_conv", committed=(HYBRID,) if width == 2 else (),
            not_recorded=besides("in_proj", "conv_out", "conv_state", "ssm_state", "layer_out"),
        )
    yield add(
        "expand_3", "an inner width of three times the model's",
        {"mamba_expand": 3, "mamba_n_heads": 6, "mamba_d_head": 8}, PLAIN, "mamba_expand", committed=(HYBRID,),
        not_recorded=besides("in_proj", "conv_out", "ssm_out", "gated_norm_out", "mixer_out", "layer_out"),
    )
    yield add(
        "time_step_limit", "a limit that prefill and continuation keep, and single tokens do not",
        {"time_step_limit": [0.2, 0.6]}, STEPS, "time_step_limit", committed=(HYBRID,),
        not_recorded=besides("ssm_dt", "ssm_out", "ssm_state", "layer_out"),
    )
    yield add(
        "proj_bias", "biases of both projections", {"mamba_proj_bias": True}, PLAIN, "mamba_proj_bias",
        committed=(HYBRID,),
    )
    yield add(
        "no_conv_bias", "a convolution without bias, under a mask", {"mamba_conv_bias": False},
        Prompt(tokens=4, use_cache=False, left_pads=(2, 0)), "mamba_no_conv_bias", committed=(HYBRID,),
    )


CASES = [made for architecture in ALL for made in of(architecture)]
