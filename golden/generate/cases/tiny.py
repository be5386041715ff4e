# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The smallest model of each architecture that still has every extent other than every other, for the cases that show
one feature each. The four files named after architectures have larger ones, where many features meet."""
from golden.generate.cases.case import Case
from golden.generate.features import HYBRID, MOE, PHIMOE, SHARED
from golden.generate.sites import BEFORE, ROTARY, layer_sites

MAMBA, ATTENTION = "linear_attention", "full_attention"
COMMON = {
    "vocab_size": 29, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2,
    "num_experts_per_tok": 2, "num_local_experts": 5, "max_position_embeddings": 128, "pad_token_id": 0,
    "bos_token_id": 1, "eos_token_id": 2, "tie_word_embeddings": False,
}
TINY = {
    MOE: COMMON | {
        "model_type": MOE, "intermediate_size": 3, "rms_norm_eps": 1e-5, "embedding_multiplier": 1.7,
        "attention_multiplier": 0.3, "residual_multiplier": 0.6, "logits_scaling": 1.3,
    },
    SHARED: COMMON | {
        "model_type": SHARED, "intermediate_size": 3, "shared_intermediate_size": 7, "rms_norm_eps": 1e-4,
        "embedding_multiplier": 0.8, "attention_multiplier": 0.4, "residual_multiplier": 0.7, "logits_scaling": 0.7,
    },
    HYBRID: COMMON | {
        "model_type": HYBRID, "intermediate_size": 3, "shared_intermediate_size": 6, "num_hidden_layers": 2,
        "layer_types": [MAMBA, ATTENTION], "mamba_n_heads": 4, "mamba_d_head": 8, "mamba_n_groups": 1,
        "mamba_d_state": 5, "mamba_d_conv": 4, "mamba_expand": 2, "mamba_chunk_size": 5, "rms_norm_eps": 1e-4,
        "embedding_multiplier": 1.4, "attention_multiplier": 0.35, "residual_multiplier": 0.65, "logits_scaling": 1.2,
        "tie_word_embeddings": True,
    },
    PHIMOE: COMMON | {
        "model_type": PHIMOE, "intermediate_size": 3, "rms_norm_eps": 1e-3, "attention_bias": True,
        "lm_head_bias": True, "router_jitter_noise": 0.15, "sliding_window": None,
    },
}
ROPE = {"position_embedding_type": "rope"}  # what a hybrid needs for it


# No routing can be judged without them.
NEVER_LEFT_OUT = ("router_logits", "router_experts", "router_weights")


def besides(*kept):
    """not_recorded of a case that is about a few sites: all others but logits and losses."""
    return tuple(site for site in (*BEFORE, *ROTARY, *layer_sites()) if site not in (*kept, *NEVER_LEFT_OUT))


STATES = ("cache_k", "cache_v", "conv_state", "ssm_state")
BESIDES_MIXERS = besides(
    *STATES, "attn_visible", "attn_scores", "attn_probs", "attn_out", "conv_out", "ssm_dt", "ssm_out", "mixer_out",
    "layer_out",
)
BESIDES_ROPE = besides(*ROTARY, "q_rope", "k_rope", "cache_k", "attn_probs", "layer_out")


def roped(architecture):
    """A tiny model with a rotary embedding; of the hybrid, one without Mamba2 layers is as good and smaller."""
    if architecture != HYBRID:
        return TINY[architecture]
    return TINY[HYBRID] | ROPE | {"num_hidden_layers": 1, "layer_types": [ATTENTION]}


def case(architecture, name, purpose, config, prompt, covers, committed=True, not_recorded=(), long=False, **more):
    """`config`: what is other than in the tiny model of the architecture; `not_recorded`: of a committed or long case,
    for another one is made at test time, not kept and may be large."""
    return Case(
        f"{architecture}_{name}", purpose, TINY[architecture] | config, prompt, more.pop("seed", 1), covers=covers,
        committed=committed, not_recorded=not_recorded if committed or long else (), **more,
    )
