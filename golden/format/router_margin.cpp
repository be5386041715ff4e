// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/router_margin.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

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

/// sparsemixer (transformers 5.23.0, modeling_phimoe.py) at inference: two maxima, and around each a band in which the
/// others count. An expert is out where (m - s) - 2*jitter*f > 0 with f = max(|s|, m); f moves by less than a logit.
double sparsemixer_margin(std::span<const double> logits, double jitter) {
  std::vector<double> remaining(logits.begin(), logits.end());
  double least = no_other_decision;
  for (int choice = 0; choice < 2 && !remaining.empty(); ++choice) {
    const auto winner = std::ranges::max_element(remaining);
    const double best = *winner;
    remaining.erase(winner);
    for (const double other : remaining) {
      const double factor = std::max(std::abs(other), best);
      least = std::min({least, best - other, std::abs((best - other) - 2.0 * jitter * factor)});
    }
  }
  return least / (1.0 + jitter);
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
