// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/positions.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace assay {
namespace {

std::int64_t last_position(const golden::RecordedCall& call) {
  if (call.position_ids) return std::ranges::max(call.position_ids->view().flat());
  return static_cast<std::int64_t>(call.past + call.length()) - 1;
}

}  // namespace

std::string position_warning(const Config& config, std::int64_t last_position, const std::string& where) {
  const auto limit = static_cast<std::int64_t>(common(config).max_position_embeddings);
  if (last_position < limit) return "";
  return fmt::format("{}: expected positions below max_position_embeddings ({}), found up to {}", where, limit,
                     last_position);
}

std::string position_warning(const golden::GoldenFile& golden) {
  std::int64_t last = 0;
  for (const golden::RecordedCall& call : golden.calls()) last = std::max(last, last_position(call));
  return position_warning(golden.config(), last, golden.file());
}

}  // namespace assay
