// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/top_k.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>

#include "optimized/ops/grain.hpp"

namespace assay::optimized {
namespace {

/// `chosen` is sorted by logit; most experts are below its last one and cost one comparison.
void select(const float* logits, std::size_t count, View<std::int64_t, 1> chosen) {
  const auto logit = [&](std::int64_t expert) { return logits[static_cast<std::size_t>(expert)]; };
  const std::size_t k = chosen.extent(0);
  std::size_t filled = 0;
  for (std::size_t expert = 0; expert < count; ++expert) {
    const float value = logits[expert];
    if (filled == k && !(value > logit(chosen[k - 1]))) continue;
    // An equal logit that came earlier stays in front.
    std::size_t slot = filled < k ? filled++ : k - 1;
    for (; slot > 0 && value > logit(chosen[slot - 1]); --slot) chosen[slot] = chosen[slot - 1];
    chosen[slot] = static_cast<std::int64_t>(expert);
  }
}

void softmax_of_chosen(const float* logits, View<const std::int64_t, 1> chosen, View<float, 1> weights) {
  const std::size_t k = chosen.extent(0);
  float maximum = -INFINITY;
  for (std::size_t slot = 0; slot < k; ++slot) {
    weights[slot] = logits[static_cast<std::size_t>(chosen[slot])];
    maximum = std::max(maximum, weights[slot]);
  }
  double sum = 0.0;
  for (std::size_t slot = 0; slot < k; ++slot) {
    const double power = std::exp(static_cast<double>(weights[slot]) - static_cast<double>(maximum));
    weights[slot] = static_cast<float>(power);
    sum += power;
  }
  const double scale = 1.0 / sum;
  for (std::size_t slot = 0; slot < k; ++slot) {
    weights[slot] = static_cast<float>(static_cast<double>(weights[slot]) * scale);
  }
}

}  // namespace

void top_k(Rows<const float> logits, View<std::int64_t, 2> experts, const Threads& threads) {
  assert(experts.extent(1) <= logits.width && "no more experts chosen than there are");
  if (experts.extent(1) == 0) return;
  threads.split(logits.count, rows_worth_threads(8 * logits.width), [&](Range tokens) {
    for (std::size_t token = tokens.first; token < tokens.last; ++token) {
      select(logits[token], logits.width, experts[token]);
    }
  });
}

void top_k_weights(Rows<const float> logits, View<const std::int64_t, 2> experts, View<float, 2> weights,
                   const Threads& threads) {
  threads.split(logits.count, rows_worth_threads(64 * experts.extent(1)), [&](Range tokens) {
    for (std::size_t token = tokens.first; token < tokens.last; ++token) {
      softmax_of_chosen(logits[token], experts[token], weights[token]);
    }
  });
}

}  // namespace assay::optimized
