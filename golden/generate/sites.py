# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The sites of golden/FORMAT.md as a table, and which of them a model has. It computes nothing and captures nothing."""
from dataclasses import dataclass

# Shapes in the letters of golden/FORMAT.md. R is 1 or B, S the keys seen, U the keys kept in the cache, L' the tokens
# whose logits are kept.
BEFORE = {"embed_out": "B L D"}
ROTARY = {"rope_inv_freq": "d/2", "rope_cos": "R L d", "rope_sin": "R L d"}
ATTENTION = {
    "q_proj": "B L H*d", "k_proj": "B L KV*d", "v_proj": "B L KV*d", "q_rope": "B H L d", "k_rope": "B KV L d",
    "attn_visible": "B L S", "attn_scores": "B H L S", "attn_probs": "B H L S", "attn_out": "B L H*d",
    "cache_k": "B KV U d", "cache_v": "B KV U d",
}
MAMBA = {
    "in_proj": "B L Im+C+Hm", "conv_out": "B L C", "conv_state": "B C K", "ssm_dt": "B L Hm", "ssm_out": "B L Im",
    "ssm_state": "B Hm P N", "gated_norm_out": "B L Im",
}
ROUTED = {
    "router_logits": "T E", "router_experts": "T k", "router_weights": "T k", "router_margin": "T",
    "expert_gate_up": "T k 2*I", "expert_act": "T k I", "expert_out": "T k D", "moe_out": "B L D",
}
SHARED = {"shared_gate_up": "B L 2*Is", "shared_act": "B L Is", "shared_mlp_out": "B L D"}
NORM = {"final_norm_out": "B L D"}
TUPLES = {"hidden_states": "layers+1 B L D", "attentions": "attention_layers B H L S"}
HEADS = {
    "causal_lm": {"logits": "B L' V"}, "none": {},
    "sequence_classification": {"score_out": "B L num_labels", "pooled_logits": "B num_labels"},
}
LOSSES = {"aux_loss": "1", "loss": "1"}
LAYER_HEAD = {"attn_norm_out": "B L D"}
LAYER_MIDDLE = {"mixer_out": "B L D", "resid_mid": "B L D", "ffn_norm_out": "B L D"}
LAYER_TAIL = {"layer_out": "B L D"}

ONLY_WITH_ROTARY = {"q_rope", "k_rope"}
ONLY_WITH_CACHE = {"cache_k", "cache_v", "conv_state", "ssm_state"}
# Not a site: stands in `truth` alone, and has a place in the order so that both sides number alike.
ONLY_IN_TRUTH = {"router_margin"}
DTYPES = {"attn_visible": "uint8", "router_experts": "int64", "rope_inv_freq": "float32"}


@dataclass(frozen=True)
class Layout:
    """What decides which sites a model has, and their extents by letter."""

    model_type: str
    mixers: tuple  # "attention" or "mamba", a layer each
    experts: bool
    shared: bool
    rotary: bool
    head: str  # "causal_lm", "none" or "sequence_classification"
    extents: dict

    @property
    def attention_layers(self):
        return [i for i, mixer in enumerate(self.mixers) if mixer == "attention"]


def layout_of(config):
    """The layout of a transformers configuration object, of either version."""
    hybrid = config.model_type == "granitemoehybrid"
    heads = config.num_attention_heads
    head_size = getattr(config, "head_dim", None) or config.hidden_size // heads
    shared_width = getattr(config, "shared_intermediate_size", 0)
    extents = {
        "D": config.hidden_size, "H": heads, "KV": config.num_key_value_heads, "d": head_size,
        "d/2": head_size // 2, "H*d": heads * head_size, "KV*d": config.num_key_value_heads * head_size,
        "E": config.num_local_experts, "k": 2 if config.model_type == "phimoe" else config.num_experts_per_tok,
        "I": config.intermediate_size, "2*I": 2 * config.intermediate_size,
        "Is": shared_width, "2*Is": 2 * shared_width, "V": config.vocab_size, "num_labels": config.num_labels,
        "layers+1": config.num_hidden_layers + 1,
    }
    mixers = ("attention",) * config.num_hidden_layers
    if hybrid:
        kinds = config.layer_types or ["mamba"] * config.num_hidden_layers
        mixers = tuple("mamba" if kind in ("linear_attention", "mamba") else "attention" for kind in kinds)
        inner = int(config.mamba_expand * config.hidden_size)
        channels = inner + 2 * config.mamba_n_groups * config.mamba_d_state
        extents |= {
            "Im": inner, "C": channels, "Hm": config.mamba_n_heads, "P": config.mamba_d_head,
            "N": config.mamba_d_state, "K": config.mamba_d_conv, "Im+C+Hm": inner + channels + config.mamba_n_heads,
        }
    extents["attention_layers"] = mixers.count("attention")
    return Layout(
        model_type=config.model_type,
        mixers=mixers,
        experts=config.num_local_experts > 0,
        shared=hybrid or (config.model_type == "granitemoeshared" and shared_width > 0),
        rotary=not hybrid or config.position_embedding_type == "rope",
        head=head_of_architectures(config.architectures),
        extents=extents,
    )


def head_of_architectures(architectures):
    """By the first of them; without one a causal language model, as published files mean it."""
    name = (architectures or ["ForCausalLM"])[0]
    if name.endswith("ForSequenceClassification"):
        return "sequence_classification"
    return "none" if name.endswith("Model") else "causal_lm"


def layer_path(index, site):
    return f"layers/{index:03d}/{site}"


def ordered_sites(layout, call):
    """Every path of one call in the order of execution -> its shape in letters; router_margin included. The flags of
    the call must be resolved."""
    paths = dict(BEFORE)
    if layout.rotary:
        paths |= ROTARY
    for index, mixer in enumerate(layout.mixers):
        table = LAYER_HEAD | (ATTENTION if mixer == "attention" else MAMBA) | LAYER_MIDDLE
        if layout.experts:
            table |= ROUTED
        if layout.shared:
            table |= SHARED
        for site, shape in (table | LAYER_TAIL).items():
            if site in ONLY_WITH_ROTARY and not layout.rotary or site in ONLY_WITH_CACHE and not call.use_cache:
                continue
            paths[layer_path(index, site)] = shape
    wanted = {
        "hidden_states": call.output_hidden_states, "attentions": call.output_attentions,
        "aux_loss": call.output_router_logits, "loss": call.has_labels,
    }
    ends = NORM | TUPLES | HEADS[layout.head] | LOSSES
    return paths | {site: shape for site, shape in ends.items() if wanted.get(site, True)}


def extents_of(layout, call):
    """The extents of one call by letter; S, U and R are whatever the call makes of them."""
    return layout.extents | {
        "B": call.batch, "L": call.tokens, "T": call.batch * call.tokens, "L'": call.kept_logits, "1": 1,
    }


def site_name(path):
    return path.rsplit("/", 1)[-1]


def layer_sites():
    """The name of every site that a layer may have, in the order of execution."""
    tables = (LAYER_HEAD, ATTENTION, MAMBA, LAYER_MIDDLE, ROUTED, SHARED, LAYER_TAIL)
    return [site for table in tables for site in table if site not in ONLY_IN_TRUTH]
