// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The cases of the optimized engine, by family.
#pragma once

#include "bench/micro/case.hpp"

namespace assay::bench::micro::optimized_cases {

void add_matmul_cases(Registry& registry);
void add_experts_cases(Registry& registry);
void add_router_cases(Registry& registry);
void add_attention_cases(Registry& registry);
void add_ssm_cases(Registry& registry);
void add_norm_cases(Registry& registry);
void add_stream_cases(Registry& registry);
void add_block_cases(Registry& registry);
void add_model_cases(Registry& registry);

/// All of them.
void add_cases(Registry& registry);

}  // namespace assay::bench::micro::optimized_cases
