// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/margin.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace assay::golden {
namespace {

constexpr double no_other_decision = std::numeric_limits<double>::max();

/// Granite: the gap between the k-th logit and the next.
double top_k_margin(std::span<const double> logits, std::size_t top_k) {
  if (top_k >= logits.size()) return no_other_decision;
  std::vector<double> ranked(logits.begin(), logits.end());
  std::ranges::sort(ranked, std::greater<>());
  return ranked[top_k - 1] - ranked[top_k];
}

/// PhiMoE: twice an argmax over what remains, and twice a band below it.
double sparsemixer_margin(std::span<const double> logits, double jitter) {
  std::vector<double> remaining(logits.begin(), logits.end());
  double margin = no_other_decision;
  for (int round = 0; round < 2 && !remaining.empty(); ++round) {
    const auto winner = std::ranges::max_element(remaining);
    const double best = *winner;
    remaining.erase(winner);
    for (const double other : remaining) {
      const double gap = best - other;
      margin = std::min({margin, gap, std::abs(gap - 2.0 * jitter * std::max(std::abs(other), best))});
    }
  }
  return margin / (1.0 + jitter);
}

}  // namespace

std::vector<double> router_margin(const Config& config, std::span<const double> logits, std::size_t tokens) {
  const std::size_t experts = logits.size() / tokens;
  const auto* phimoe = std::get_if<PhimoeConfig>(&config);
  std::vector<double> margin(tokens);
  for (std::size_t token = 0; token < tokens; ++token) {
    const auto row = logits.subspan(token * experts, experts);
    margin[token] = phimoe != nullptr ? sparsemixer_margin(row, phimoe->router_jitter_noise)
                                      : top_k_margin(row, common(config).num_experts_per_tok);
  }
  return margin;
}

}  // namespace assay::golden
