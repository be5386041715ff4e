// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/loss.hpp"

#include <algorithm>
#include <cmath>

#include "reference/scalar.hpp"

namespace assay::reference {
namespace {

/// -log softmax(logits)[target]; the largest logit is taken out, so that no exponential overflows.
template <class T>
double surprise(std::span<const T> logits, std::size_t target) {
  const double largest = value_of(std::ranges::max(logits));
  double sum = 0.0;
  for (const T logit : logits) sum += std::exp(value_of(logit) - largest);
  return std::log(sum) + largest - value_of(logits[target]);
}

}  // namespace

template <class T>
double cross_entropy(View<const T, 2> logits, std::span<const std::int64_t> targets,
                     std::optional<std::int64_t> num_items_in_batch) {
  double sum = 0.0;
  std::int64_t counted = 0;
  for (std::size_t row = 0; row < targets.size(); ++row) {
    if (targets[row] == no_target) continue;
    sum += surprise<T>(logits[row].flat(), static_cast<std::size_t>(targets[row]));
    ++counted;
  }
  return sum / static_cast<double>(num_items_in_batch.value_or(counted));
}

template <class T>
double mean_squared_error(std::span<const T> x, std::span<const float> targets) {
  double sum = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double difference = value_of(x[i]) - static_cast<double>(targets[i]);
    sum += difference * difference;
  }
  return sum / static_cast<double>(x.size());
}

template <class T>
double binary_cross_entropy_with_logits(std::span<const T> x, std::span<const float> targets) {
  double sum = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double logit = value_of(x[i]);
    // log(1 + exp(logit)) - target * logit, with the exponential of a number that is not positive.
    sum += std::max(logit, 0.0) + std::log1p(std::exp(-std::abs(logit))) - static_cast<double>(targets[i]) * logit;
  }
  return sum / static_cast<double>(x.size());
}

template double cross_entropy<float>(View<const float, 2>, std::span<const std::int64_t>, std::optional<std::int64_t>);
template double cross_entropy<double>(View<const double, 2>, std::span<const std::int64_t>,
                                      std::optional<std::int64_t>);
template double cross_entropy<Gauged>(View<const Gauged, 2>, std::span<const std::int64_t>,
                                      std::optional<std::int64_t>);
template double mean_squared_error<float>(std::span<const float>, std::span<const float>);
template double mean_squared_error<double>(std::span<const double>, std::span<const float>);
template double mean_squared_error<Gauged>(std::span<const Gauged>, std::span<const float>);
template double binary_cross_entropy_with_logits<float>(std::span<const float>, std::span<const float>);
template double binary_cross_entropy_with_logits<double>(std::span<const double>, std::span<const float>);
template double binary_cross_entropy_with_logits<Gauged>(std::span<const Gauged>, std::span<const float>);

}  // namespace assay::reference
