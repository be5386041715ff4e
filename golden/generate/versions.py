# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The versions of transformers that make goldens, and what the older one makes of the cases. Data, and how to read it:
`script/golden check --transformers 4.56.2` computes the committed cases and compares its verdicts with these."""
from fnmatch import fnmatchcase

VERSIONS = ("5.23.0", "4.56.2")
DEFAULT = VERSIONS[0]

EQUAL = "equal"  # the same truth to 1e-12, site by site
DIFFERS = "differs"  # computes, and something else
CANNOT = "cannot"  # refuses, or computes without a word what has no meaning, and the generator refuses

HEADS = "it ignores head_dim, which is not D/H here"
WINDOW = "it crops the cache and does not shift the mask"
RESTART = "convolution and scan restart at several tokens after a cache"
ANGLES = "its table of angles ends with the tokens seen so far"
SHORT_MASK = "it wants a mask as wide as the keys"
ACTIVATION = "it has no activation of that name"
LEARNED = "its activations have their weights elsewhere in the file"
NO_EXPERTS = "it builds no experts to put the empty weights into"
EMBEDDINGS = "it does not load embeddings from a tied lm_head"
LIMIT = "it has no time_step_limit"
ONE_SEQUENCE = "positions do not part a row into sequences"
GROUPS = "its gated norm is over all groups together"
TIED = "it puts the embeddings in place of the lm_head of the file"
LONG_FACTORS = "it uses the long factors beyond the original length"
PADS = "its repetition penalty takes left pads for what was said"
# (verdict, reason, cases), the first that fits; a * stands for any letters. A case that fits none is equal.
OF_4_56_2 = (
    (CANNOT, HEADS, (
        "*_rope_*", "*_head_dim", "granitemoe_gqa_tied", "granitemoehybrid_attention_only", "granitemoehybrid_cache",
        "granitemoehybrid_dense", "granitemoehybrid_groups", "granitemoehybrid_left_pad",
        "granitemoehybrid_one_padded_row", "granitemoehybrid_prefill", "granitemoeshared_cache",
        "granitemoeshared_no_shared_mlp", "granitemoeshared_prefill", "phimoe_bias",
    )),
    (CANNOT, WINDOW, (
        "phimoe_generate_window", "phimoe_sliding_window", "phimoe_window_2", "phimoe_window_crop",
        "phimoe_window_given_cache", "phimoe_window_long",
    )),
    (CANNOT, SHORT_MASK, ("*_short_mask",)),
    (CANNOT, RESTART, (
        "granitemoehybrid_attention_first", "granitemoehybrid_chunk_*", "granitemoehybrid_conv_*",
        "granitemoehybrid_embeds", "granitemoehybrid_exact", "granitemoehybrid_given_cache", "granitemoehybrid_logits_to_keep",
        "granitemoehybrid_mamba_pads", "granitemoehybrid_mha", "granitemoehybrid_mqa",
        "granitemoehybrid_padded_batch_of_one", "granitemoehybrid_short_prompt", "granitemoehybrid_steps",
        "granitemoehybrid_tuples",
    )),
    (CANNOT, ANGLES, ("phimoe_far_positions", "phimoe_positions", "phimoe_shared_positions")),
    (CANNOT, ACTIVATION, ("*_act_gelu_python_tanh", "*_act_hardswish", "*_act_sqrtsoftplus")),
    (CANNOT, LEARNED, ("*_act_prelu", "*_act_xielu")),
    (CANNOT, NO_EXPERTS, ("granitemoe_no_experts", "granitemoeshared_no_experts")),
    (CANNOT, EMBEDDINGS, ("*_tied_head_alone",)),
    (CANNOT, LIMIT, ("granitemoehybrid_time_step_limit",)),
    (DIFFERS, ONE_SEQUENCE, (
        "granitemoe_far_positions", "granitemoe_packed", "granitemoeshared_far_positions", "granitemoeshared_packed",
        "phimoe_packed", "phimoe_packed_window",
    )),
    (DIFFERS, GROUPS, ("granitemoehybrid_groups_*",)),
    (DIFFERS, TIED, ("*_tied_both",)),
    (DIFFERS, LONG_FACTORS, ("phimoe_generate_longrope*",)),
    (DIFFERS, PADS, ("granitemoeshared_generate_sample_all",)),
)


def verdict_of_4_56_2(case):
    """(verdict, reason) of a case by name"""
    for verdict, reason, patterns in OF_4_56_2:
        if any(fnmatchcase(case, pattern) for pattern in patterns):
            return verdict, reason
    return EQUAL, ""


def is_computed_by(version, case):
    """Whether a version makes a golden of a case that engines are judged by: its own ones, or those of equal truth."""
    return version == case.transformers or verdict_of_4_56_2(case.name)[0] == EQUAL and version != DEFAULT
