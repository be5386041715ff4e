// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "generation/processors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "model/error.hpp"

namespace assay::generation {
namespace {

template <class T>
constexpr T filtered = -std::numeric_limits<T>::infinity();

template <class T>
T largest_of(std::span<const T> scores) {
  const T largest = *std::ranges::max_element(scores);
  if (!std::isfinite(largest)) {
    throw Error(fmt::format("scores: expected a finite number as the largest, found {}", largest));
  }
  return largest;
}

}  // namespace

template <class T>
void penalise_repetition(std::span<T> scores, std::span<const std::uint8_t> seen, double penalty) {
  const auto factor = static_cast<T>(penalty);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (seen[i] != 0) scores[i] = scores[i] < 0 ? scores[i] * factor : scores[i] / factor;
  }
}

template <class T>
void apply_temperature(std::span<T> scores, double temperature) {
  const auto divisor = static_cast<T>(temperature);
  for (T& score : scores) score /= divisor;
}

template <class T>
void keep_top_k(std::span<T> scores, std::size_t top_k, std::vector<T>& scratch) {
  if (top_k >= scores.size()) return;
  scratch.assign(scores.begin(), scores.end());
  const auto kth = scratch.begin() + static_cast<std::ptrdiff_t>(top_k - 1);
  std::nth_element(scratch.begin(), kth, scratch.end(), std::greater<>());
  const T least = *kth;
  for (T& score : scores) {
    if (score < least) score = filtered<T>;
  }
}

template <class T>
void keep_top_p(std::span<T> scores, double top_p, std::vector<std::size_t>& scratch) {
  const T largest = largest_of(std::span<const T>(scores));
  // A token that is filtered out already has no probability: it neither stays nor moves the others.
  scratch.clear();
  double sum = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] == filtered<T>) continue;
    scratch.push_back(i);
    sum += static_cast<double>(std::exp(scores[i] - largest));
  }
  std::ranges::sort(
      scratch, [&](std::size_t a, std::size_t b) { return scores[a] != scores[b] ? scores[a] < scores[b] : a < b; });
  const auto dropped = static_cast<T>(1.0 - top_p);
  double cumulative = 0;
  for (std::size_t place = 0; place + 1 < scratch.size(); ++place) {
    T& score = scores[scratch[place]];
    const auto probability = static_cast<T>(static_cast<double>(std::exp(score - largest)) / sum);
    cumulative += static_cast<double>(probability);
    if (!(static_cast<T>(cumulative) <= dropped)) break;  // the sum only grows
    score = filtered<T>;
  }
}

template <class T>
void keep_min_p(std::span<T> scores, double min_p, std::span<T> probabilities) {
  softmax(std::span<const T>(scores), probabilities);
  const auto top = static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
  const T least = static_cast<T>(min_p) * probabilities[top];
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (probabilities[i] < least && i != top) scores[i] = filtered<T>;
  }
}

template <class T>
void softmax(std::span<const T> scores, std::span<T> probabilities) {
  const T largest = largest_of(scores);
  double sum = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    probabilities[i] = std::exp(scores[i] - largest);
    sum += static_cast<double>(probabilities[i]);
  }
  for (T& probability : probabilities) probability = static_cast<T>(static_cast<double>(probability) / sum);
}

template void penalise_repetition(std::span<float>, std::span<const std::uint8_t>, double);
template void penalise_repetition(std::span<double>, std::span<const std::uint8_t>, double);
template void apply_temperature(std::span<float>, double);
template void apply_temperature(std::span<double>, double);
template void keep_top_k(std::span<float>, std::size_t, std::vector<float>&);
template void keep_top_k(std::span<double>, std::size_t, std::vector<double>&);
template void keep_top_p(std::span<float>, double, std::vector<std::size_t>&);
template void keep_top_p(std::span<double>, double, std::vector<std::size_t>&);
template void keep_min_p(std::span<float>, double, std::span<float>);
template void keep_min_p(std::span<double>, double, std::span<double>);
template void softmax(std::span<const float>, std::span<float>);
template void softmax(std::span<const double>, std::span<double>);

}  // namespace assay::generation
