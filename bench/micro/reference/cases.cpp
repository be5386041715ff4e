// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/reference/cases.hpp"

namespace assay::bench::micro::reference_cases {

void add_cases(Registry& registry) {
  add_linear_cases(registry);
  add_router_cases(registry);
  add_attention_cases(registry);
  add_ssm_cases(registry);
  add_norm_cases(registry);
  add_block_cases(registry);
}

}  // namespace assay::bench::micro::reference_cases
