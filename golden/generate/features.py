# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Everything that a caller of transformers can pass to the four architectures, ask of them or set in their config, as
one list: the rows of docs/coverage.md. A case says which of them it covers; coverage.py finds what none covers."""
from dataclasses import dataclass

MOE, SHARED, HYBRID, PHIMOE = "granitemoe", "granitemoeshared", "granitemoehybrid", "phimoe"
ALL = (MOE, SHARED, HYBRID, PHIMOE)
GRANITE = (MOE, SHARED, HYBRID)
ATTENTION = (MOE, SHARED, PHIMOE)  # without Mamba2 layers


@dataclass(frozen=True)
class Feature:
    name: str
    group: str
    what: str
    architectures: tuple = ALL
    others: str = ""  # why it does not apply to the rest


def group(title, *rows):
    return [Feature(row[0], title, *row[1:]) for row in rows]


ACTIVATIONS = (
    "silu", "swish", "gelu", "gelu_10", "gelu_accurate", "gelu_fast", "gelu_new", "gelu_python", "gelu_python_tanh",
    "gelu_pytorch_tanh", "hardswish", "laplace", "leaky_relu", "linear", "mish", "quick_gelu", "relu", "relu2", "relu6",
    "sigmoid", "sqrtsoftplus", "tanh", "prelu", "xielu",
)
NO_MAMBA = "no Mamba2 layers"
NO_MULTIPLIERS = "PhiMoE has no multipliers"
PHIMOE_ONLY = "of PhiMoE alone"
ONE_KIND = "one kind of layer"
BY_POSITIONS = "packed by positions"

FEATURES = [
    *group(
        "Inputs",
        ("input_ids", "`input_ids`, no mask"),
        ("inputs_embeds", "`inputs_embeds` in place of ids"),
        ("mask_of_ones", "`attention_mask` without a zero"),
        ("left_padding", "`attention_mask`, pads on the left"),
        ("right_padding", "`attention_mask`, pads on the right"),
        ("ragged_batch", "pads on both sides in one batch"),
        ("masked_row", "a row that is masked as a whole"),
        ("padded_batch_of_one", "pads in a batch of one"),
        ("mask_and_cache", "`attention_mask` over a cache that a call continues"),
        ("short_mask", "`attention_mask` shorter than past and tokens together"),
        ("mamba_pads", "pads in a continuation of several tokens, and none in a single one", (HYBRID,), NO_MAMBA),
        ("position_ids", "`position_ids` of each row"),
        ("shared_position_ids", "`position_ids` [1, L] for all rows"),
        ("far_positions", "`position_ids` up to 131071"),
        ("packed_positions", "sequences packed by restarted `position_ids`", ATTENTION, "seq_idx instead"),
        ("restarted_positions", "restarted `position_ids` with a cache: one sequence"),
        ("seq_idx", "sequences packed by `seq_idx`, `cu_seq_lens_q/k`, `max_length_q/k`", (HYBRID,), BY_POSITIONS),
        ("seq_idx_rope", "the same with RoPE", (HYBRID,), BY_POSITIONS),
        ("batch", "more than one row, in prefill, single tokens and continuation"),
    ),
    *group(
        "Cache",
        ("prefill", "a prefill that keeps its cache"),
        ("decode", "single tokens"),
        ("continuation", "several tokens at once after a cache"),
        ("long_cache", "a cache grown across 64 steps"),
        ("sliding_crop", "a sliding window that crops the cache", (PHIMOE,), "no sliding window"),
        ("past_key_values", "`past_key_values` of the caller"),
        ("second_sequence", "a second sequence after the first"),
        ("short_prompt", "a prompt shorter than the convolution", (HYBRID,), NO_MAMBA),
    ),
    *group(
        "RoPE",
        ("rope_default", "type default"),
        ("rope_theta", "`rope_theta` other than the default"),
        ("rope_linear", "type linear"),
        ("rope_dynamic", "type dynamic, below and above `max_position_embeddings`"),
        ("rope_dynamic_memory", "type dynamic, what it remembers between calls", GRANITE, "never scales in PhiMoE"),
        ("rope_yarn", "type yarn"),
        ("rope_yarn_betas", "yarn: `beta_fast`, `beta_slow`"),
        ("rope_yarn_truncate", "yarn: `truncate` false"),
        ("rope_yarn_attention_factor", "yarn: `attention_factor`"),
        ("rope_yarn_mscale", "yarn: `mscale`, `mscale_all_dim`"),
        ("rope_longrope", "type longrope up to the original length"),
        ("rope_longrope_switch", "type longrope, the switch behind it"),
        ("rope_longrope_factors", "longrope: `factor`, `attention_factor`"),
        ("rope_llama3", "type llama3"),
        ("rope_proportional", "type proportional"),
        ("phimoe_mscale", "`short_mscale` and `long_mscale`", (PHIMOE,), PHIMOE_ONLY),
        ("no_rope", "no rotary embedding at all", (HYBRID,), "always rotated"),
    ),
    *group(
        "Config",
        ("head_dim", "`head_dim` apart from D/H"),
        ("mqa", "one key head"),
        ("mha", "as many key heads as heads"),
        ("attention_bias", "`attention_bias`"),
        ("lm_head_bias", "`lm_head_bias`", (PHIMOE,), PHIMOE_ONLY),
        ("untied", "`tie_word_embeddings` false"),
        ("tied", "`tie_word_embeddings` true"),
        ("tied_both", "tied, both tensors in the file and different"),
        ("tied_head_alone", "tied, `lm_head` alone in the file"),
        ("embedding_multiplier", "`embedding_multiplier`", GRANITE, NO_MULTIPLIERS),
        ("attention_multiplier", "`attention_multiplier`", GRANITE, NO_MULTIPLIERS),
        ("residual_multiplier", "`residual_multiplier`", GRANITE, NO_MULTIPLIERS),
        ("logits_scaling", "`logits_scaling`", GRANITE, NO_MULTIPLIERS),
        ("rms_norm_eps", "`rms_norm_eps` that counts"),
        *((f"act_{name}", f"`hidden_act` {name}") for name in ACTIVATIONS),
        ("one_expert", "one expert", GRANITE, "PhiMoE needs two"),
        ("all_experts", "as many experts a token as there are"),
        ("router_jitter_noise", "`router_jitter_noise`, the band of the router", (PHIMOE,), PHIMOE_ONLY),
        ("shared_mlp", "shared MLP beside the experts", (SHARED, HYBRID), "no shared MLP"),
        ("no_shared_mlp", "`shared_intermediate_size` 0", (SHARED,), "never or always there"),
        ("dense", "no experts", GRANITE, "PhiMoE needs two"),
        ("attention_only", "attention in every layer, with RoPE", (HYBRID,), ONE_KIND),
        ("no_attention", "no attention layer, hence no cache", (HYBRID,), ONE_KIND),
        ("mamba_n_groups", "`mamba_n_groups` above 1", (HYBRID,), NO_MAMBA),
        ("mamba_chunk_size", "`mamba_chunk_size` that does not divide the length, or is larger", (HYBRID,), NO_MAMBA),
        ("mamba_d_conv", "`mamba_d_conv` other than 4", (HYBRID,), NO_MAMBA),
        ("mamba_expand", "`mamba_expand` other than 2", (HYBRID,), NO_MAMBA),
        ("time_step_limit", "`time_step_limit`, which single tokens ignore", (HYBRID,), NO_MAMBA),
        ("mamba_proj_bias", "`mamba_proj_bias`", (HYBRID,), NO_MAMBA),
        ("mamba_no_conv_bias", "`mamba_conv_bias` false", (HYBRID,), NO_MAMBA),
        ("sliding_window", "`sliding_window`", (PHIMOE,), PHIMOE_ONLY),
        ("sliding_window_2", "`sliding_window` 2, the smallest", (PHIMOE,), PHIMOE_ONLY),
        ("weights_bfloat16", "weights in bfloat16"),
        ("weights_float16", "weights in float16"),
        ("weights_float32", "weights in float32"),
        ("weights_mixed", "weights in two types"),
    ),
    *group(
        "Outputs",
        ("logits", "`logits` of all tokens"),
        ("logits_to_keep", "`logits_to_keep`, a number"),
        ("logits_positions", "`logits_to_keep`, a list"),
        ("last_hidden_state", "the bare Model: `last_hidden_state`"),
        ("hidden_states", "`hidden_states`"),
        ("attentions", "`attentions`"),
        ("router_logits", "`router_logits`"),
        ("cache_out", "`past_key_values`"),
        ("loss", "`loss`"),
        ("loss_holes", "labels of -100"),
        ("num_items_in_batch", "`num_items_in_batch`"),
        ("aux_loss", "`aux_loss`"),
        ("aux_loss_mask", "`aux_loss` with a mask"),
        ("router_aux_loss_coef", "`loss` with `aux_loss` and its coefficient"),
        ("output_router_logits", "`output_router_logits` in the config"),
        ("classification", "`ForSequenceClassification`", (PHIMOE,), "no such class"),
        ("pooling_right", "the token it pools, right pads", (PHIMOE,), "no such class"),
        ("pooling_left", "the token it pools, left pads", (PHIMOE,), "no such class"),
        ("pooling_embeds", "the token it pools, of `inputs_embeds`", (PHIMOE,), "no such class"),
        ("pooling_no_pad", "no `pad_token_id`, one row", (PHIMOE,), "no such class"),
        ("regression", "its loss: one label, squared error", (PHIMOE,), "no such class"),
        ("regression_several", "the same, several labels by `problem_type`", (PHIMOE,), "no such class"),
        ("single_label", "its loss: classes, cross entropy", (PHIMOE,), "no such class"),
        ("multi_label", "its loss: several labels, binary cross entropy", (PHIMOE,), "no such class"),
    ),
    *group(
        "Generation",
        ("greedy", "greedy"),
        ("greedy_left_padded", "a left-padded batch"),
        ("eos", "one eos, rows that stop and are padded"),
        ("eos_several", "several eos"),
        ("pad_null", "no pad: the first eos pads"),
        ("no_eos", "no eos: up to `max_new_tokens`"),
        ("repetition_penalty", "`repetition_penalty`"),
        ("sampling", "sampling with given draws"),
        ("temperature", "`temperature`"),
        ("top_k", "`top_k`"),
        ("top_p", "`top_p`"),
        ("min_p", "`min_p`"),
        ("all_processors", "all of them together"),
        ("generate_sliding", "across a sliding window", (PHIMOE,), PHIMOE_ONLY),
        ("generate_longrope", "across the original length, where PhiMoE drops its cache", (PHIMOE,), PHIMOE_ONLY),
        ("generate_without_cache", "a model that cannot have a cache", (HYBRID,), "every model has one"),
        ("near_tie", "two logits closer than the error: TIE", (MOE,), "one suffices"),
    ),
]
NAMES = {feature.name: feature for feature in FEATURES}
