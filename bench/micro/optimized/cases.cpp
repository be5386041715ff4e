// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/optimized/cases.hpp"

namespace assay::bench::micro::optimized_cases {

void add_cases(Registry& registry) {
  add_matmul_cases(registry);
  add_experts_cases(registry);
  add_router_cases(registry);
  add_attention_cases(registry);
  add_ssm_cases(registry);
  add_norm_cases(registry);
  add_stream_cases(registry);
  add_block_cases(registry);
  add_model_cases(registry);
}

}  // namespace assay::bench::micro::optimized_cases
