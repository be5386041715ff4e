# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The versions of transformers that make goldens, and what the older one makes of the committed cases. Data only:
`script/golden check --transformers 4.56.2` computes every case and compares its verdict with this one."""

VERSIONS = ("5.23.0", "4.56.2")
DEFAULT = VERSIONS[0]

EQUAL = "equal"  # the same truth to 1e-12, site by site
DIFFERS = "differs"  # computes, and something else
CANNOT = "cannot"  # refuses, or computes without a word what has no meaning, and the generator refuses

HEAD_SIZE = (CANNOT, "it ignores head_dim, which is not D/H here")
# Case -> (verdict, reason). A case that is not here is equal.
OF_4_56_2 = {
    "granitemoe_gqa_tied": HEAD_SIZE,
    "granitemoehybrid_attention_only": HEAD_SIZE,
    "granitemoehybrid_cache": HEAD_SIZE,
    "granitemoehybrid_dense": HEAD_SIZE,
    "granitemoehybrid_groups": HEAD_SIZE,
    "granitemoehybrid_left_pad": HEAD_SIZE,
    "granitemoehybrid_one_padded_row": HEAD_SIZE,
    "granitemoehybrid_prefill": HEAD_SIZE,
    "granitemoeshared_cache": HEAD_SIZE,
    "granitemoeshared_no_shared_mlp": HEAD_SIZE,
    "granitemoeshared_prefill": HEAD_SIZE,
    "phimoe_bias": HEAD_SIZE,
    "phimoe_sliding_window": (CANNOT, "it crops the cache and does not shift the mask"),
}


def verdict_of_4_56_2(case):
    return OF_4_56_2.get(case, (EQUAL, ""))
