// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/sparsemixer.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>

#include "optimized/ops/grain.hpp"

namespace assay::optimized {
namespace {

/// One of the two softmaxes: over the scores in the band below its maximum.
struct Band {
  float maximum = -INFINITY;
  double sum = 0.0;

  [[nodiscard]] double power(float score) const {
    return std::exp(static_cast<double>(score) - static_cast<double>(maximum));
  }
  /// 0/0 is NaN, which is not above the threshold: such a score counts, as torch's comparison lets it.
  void take(float score, float threshold) {
    const float factor = std::max(std::abs(score), maximum);
    if ((maximum - score) / factor > threshold) return;
    sum += power(score);
  }
  [[nodiscard]] float weight(float score) const { return static_cast<float>(power(score) / sum); }
};

void select_two(const float* scores, std::size_t count, View<std::int64_t, 1> experts) {
  std::size_t first = 0;
  std::size_t second = count;
  for (std::size_t expert = 1; expert < count; ++expert) {
    if (scores[expert] > scores[first]) {
      second = first;
      first = expert;
    } else if (second == count || scores[expert] > scores[second]) {
      second = expert;
    }
  }
  experts[0] = static_cast<std::int64_t>(first);
  experts[1] = static_cast<std::int64_t>(second);
}

void weigh_two(const float* scores, std::size_t count, View<const std::int64_t, 1> experts, float threshold,
               View<float, 1> weights) {
  const auto first = static_cast<std::size_t>(experts[0]);
  const auto second = static_cast<std::size_t>(experts[1]);
  // The maxima are those of the scores, not those of the experts given: a harness may replace these.
  Band all;
  Band rest;
  for (std::size_t expert = 0; expert < count; ++expert) {
    all.maximum = std::max(all.maximum, scores[expert]);
    if (expert != first) rest.maximum = std::max(rest.maximum, scores[expert]);
  }
  for (std::size_t expert = 0; expert < count; ++expert) {
    all.take(scores[expert], threshold);
    if (expert != first) rest.take(scores[expert], threshold);
  }
  weights[0] = all.weight(scores[first]);
  weights[1] = rest.weight(scores[second]);
}

}  // namespace

void sparsemixer_experts(Rows<const float> scores, View<std::int64_t, 2> experts, const Threads& threads) {
  assert(scores.width >= 2 && experts.extent(1) == 2 && "two experts of two or more");
  threads.split(scores.count, rows_worth_threads(8 * scores.width), [&](Range tokens) {
    for (std::size_t token = tokens.first; token < tokens.last; ++token) {
      select_two(scores[token], scores.width, experts[token]);
    }
  });
}

void sparsemixer_weights(Rows<const float> scores, View<const std::int64_t, 2> experts, double jitter,
                         View<float, 2> weights, const Threads& threads) {
  // torch rounds the number on the right of a comparison to the type of the tensor on its left.
  const auto threshold = static_cast<float>(2.0 * jitter);
  threads.split(scores.count, rows_worth_threads(64 * scores.width), [&](Range tokens) {
    for (std::size_t token = tokens.first; token < tokens.last; ++token) {
      weigh_two(scores[token], scores.width, experts[token], threshold, weights[token]);
    }
  });
}

}  // namespace assay::optimized
