// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/throughput/workload.hpp"

#include <fmt/format.h>

#include "bench/synthetic/splitmix.hpp"

namespace assay::bench {

std::string_view name(Kind kind) { return kind == Kind::prefill ? "prefill" : "decode"; }

std::string name(const Workload& workload) {
  return fmt::format("{}/tokens:{}/depth:{}/batch:{}", name(workload.kind), workload.tokens, workload.depth,
                     workload.batch);
}

std::vector<Workload> workloads(const Wanted& wanted) {
  std::vector<Workload> all;
  for (const std::size_t batch : wanted.batches) {
    for (const std::size_t depth : wanted.depths) {
      for (const std::size_t tokens : wanted.prompts) all.push_back({Kind::prefill, batch, depth, tokens});
      if (wanted.decode > 0) all.push_back({Kind::decode, batch, depth, wanted.decode});
    }
  }
  return all;
}

std::int64_t token_id(std::size_t row, std::size_t position, std::size_t vocab_size) {
  return static_cast<std::int64_t>(mixed((static_cast<std::uint64_t>(row) << 32U) + position) % vocab_size);
}

}  // namespace assay::bench
