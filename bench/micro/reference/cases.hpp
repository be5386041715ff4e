// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The cases of the reference engine, by family: few tokens, as it is meant to be believed and not to be fast. Their
// figures say what a verification costs. float32 values, sums in double, bfloat16 weights, one thread.
#pragma once

#include "bench/micro/case.hpp"

namespace assay::bench::micro::reference_cases {

void add_linear_cases(Registry& registry);
void add_router_cases(Registry& registry);
void add_attention_cases(Registry& registry);
void add_ssm_cases(Registry& registry);
void add_norm_cases(Registry& registry);
void add_block_cases(Registry& registry);

/// All of them.
void add_cases(Registry& registry);

}  // namespace assay::bench::micro::reference_cases
