// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/sparsemixer.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "reference/scalar.hpp"

namespace assay::reference {
namespace {

/// The first index of the largest score, `without` left out.
template <class T>
std::size_t argmax(View<const T, 1> scores, std::optional<std::size_t> without) {
  std::size_t best = scores.extent(0);
  for (std::size_t expert = 0; expert < scores.extent(0); ++expert) {
    if (expert == without) continue;
    if (best == scores.extent(0) || scores[expert] > scores[best]) best = expert;
  }
  return best;
}

/// Softmax at `chosen` over the experts inside the band below the largest score; `without` has weight 0.
template <class T>
T band_softmax(View<const T, 1> scores, std::size_t chosen, std::optional<std::size_t> without, double jitter) {
  const Wide<T> maximum = widen(scores[argmax(scores, without)]);
  Wide<T> sum = 0.0;
  for (std::size_t expert = 0; expert < scores.extent(0); ++expert) {
    if (expert == without) continue;
    const Wide<T> score = widen(scores[expert]);
    const Wide<T> factor = std::max<Wide<T>>(abs(score), maximum);
    // 0/0 is NaN and not above the threshold: such an expert is kept, as torch's comparison keeps it.
    if ((maximum - score) / factor > 2.0 * jitter) continue;
    sum += exp(score - maximum);
  }
  return narrow<T>(exp(widen(scores[chosen]) - maximum) / sum);
}

}  // namespace

template <class T>
std::array<std::int64_t, 2> sparsemixer_experts(View<const T, 1> scores) {
  const std::size_t first = argmax(scores, std::nullopt);
  const std::size_t second = argmax(scores, std::optional(first));
  return {static_cast<std::int64_t>(first), static_cast<std::int64_t>(second)};
}

template <class T>
std::array<T, 2> sparsemixer_weights(View<const T, 1> scores, const std::array<std::int64_t, 2>& experts,
                                     double jitter) {
  const auto first = static_cast<std::size_t>(experts[0]);
  const auto second = static_cast<std::size_t>(experts[1]);
  return {band_softmax(scores, first, std::nullopt, jitter),
          band_softmax(scores, second, std::optional(first), jitter)};
}

template std::array<std::int64_t, 2> sparsemixer_experts<float>(View<const float, 1>);
template std::array<std::int64_t, 2> sparsemixer_experts<double>(View<const double, 1>);
template std::array<std::int64_t, 2> sparsemixer_experts<Gauged>(View<const Gauged, 1>);
template std::array<float, 2> sparsemixer_weights<float>(View<const float, 1>, const std::array<std::int64_t, 2>&,
                                                         double);
template std::array<double, 2> sparsemixer_weights<double>(View<const double, 1>, const std::array<std::int64_t, 2>&,
                                                           double);
template std::array<Gauged, 2> sparsemixer_weights<Gauged>(View<const Gauged, 1>, const std::array<std::int64_t, 2>&,
                                                           double);

}  // namespace assay::reference
