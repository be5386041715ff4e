// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// One line a case that script/regress compares: from 10 microseconds to 10 milliseconds a call, built in less than a
// second, together every op that a forward pass spends time in. Operands stay in a last-level cache: how fast memory is
// at the moment is not what a change of the program changes. Few FLOP, as valgrind multiplies and adds in software:
// some 30 milliseconds a MFLOP.
#include <algorithm>
#include <array>
#include <string_view>

#include "bench/micro/case.hpp"

namespace assay::bench::micro {
namespace {

constexpr std::array<std::string_view, 20> names{
    "optimized/matmul/granite-3.0-1b-a400m.o_proj/weights:f32/tokens:24/threads:1",
    "optimized/matmul/granite-3.0-1b-a400m.o_proj/weights:bf16/tokens:2/threads:1",
    "optimized/experts/small/tokens:32/threads:1",
    "optimized/router/granite-3.0-1b-a400m/tokens:128/threads:1",
    "optimized/router/Phi-mini-MoE/tokens:128/threads:1",
    "optimized/moe_block/small/tokens:16/threads:1",
    "optimized/attention_prefill/granite-3.0-1b-a400m/tokens:128/threads:1",
    "optimized/attention_decode/granite-3.0-1b-a400m/depth:1024/threads:1",
    "optimized/ssm_scan/granite-4.0-h-350m/tokens:64/threads:1",
    "optimized/ssm_step/granite-4.0-h-350m/batch:1/threads:1",
    "optimized/conv/granite-4.0-h-350m/tokens:64/threads:1",
    "optimized/rms_norm/granite-3.0-1b-a400m/tokens:512/threads:1",
    "optimized/gated_norm/granite-4.0-h-350m/tokens:64/threads:1",
    "optimized/rope/granite-3.0-1b-a400m/tokens:128/threads:1",
    "optimized/embed/granite-3.0-1b-a400m/tokens:128/threads:1",
    "optimized/output_head/small/logits:4/threads:1",
    "optimized/model/small/prefill:8/threads:1",
    "optimized/model/small/decode:1/depth:16/threads:1",
    "reference/linear/granite-3.0-1b-a400m.o_proj/tokens:1",
    "reference/router/granite-3.0-1b-a400m/tokens:8",
};

}  // namespace

std::vector<const Case*> regress_set(const Registry& registry) {
  std::vector<const Case*> found;
  for (const std::string_view name : names) {
    const auto place = std::ranges::find(registry.cases(), name, &Case::name);
    if (place != registry.cases().end()) found.push_back(&*place);
  }
  return found;
}

}  // namespace assay::bench::micro
