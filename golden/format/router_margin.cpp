// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/router_margin.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>

#include "golden/judge/phimoe_margins.hpp"

namespace assay::golden {
namespace {

constexpr double no_other_decision = std::numeric_limits<double>::max();

/// The gap between the k-th logit and the next.
double top_k_margin(std::span<const double> logits, std::size_t top_k) {
  if (top_k >= logits.size()) return no_other_decision;
  std::vector<double> ranked(logits.begin(), logits.end());
  std::ranges::sort(ranked, std::greater<>());
  return ranked[top_k - 1] - ranked[top_k];
}

/// As all decisions of the generator, its maxima are divided like its bands.
double sparsemixer_margin(std::span<const double> logits, double jitter) {
  const std::array<double, 4> margins = phimoe_margins(logits, jitter);
  return std::min({margins[0] / (1.0 + jitter), margins[1], margins[2] / (1.0 + jitter), margins[3]});
}

}  // namespace

std::vector<double> router_margins(const Config& config, std::span<const double> logits, std::size_t tokens) {
  const std::size_t experts = logits.size() / tokens;
  const auto* const phimoe = std::get_if<PhimoeConfig>(&config);
  std::vector<double> margins(tokens);
  for (std::size_t token = 0; token < tokens; ++token) {
    const auto row = logits.subspan(token * experts, experts);
    margins[token] = phimoe != nullptr ? sparsemixer_margin(row, phimoe->router_jitter_noise)
                                       : top_k_margin(row, common(config).num_experts_per_tok);
  }
  return margins;
}

}  // namespace assay::golden
