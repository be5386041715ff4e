// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/load_balancing.hpp"

#include <algorithm>
#include <cmath>

#include "reference/ops/top_k.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {
namespace {

template <class T>
std::vector<double> softmax(std::span<const T> logits) {
  const double largest = value_of(std::ranges::max(logits));
  std::vector<double> probs;
  double sum = 0.0;
  for (const T logit : logits) {
    probs.push_back(std::exp(value_of(logit) - largest));
    sum += probs.back();
  }
  for (double& prob : probs) prob /= sum;
  return probs;
}

}  // namespace

template <class T>
double load_balancing_loss(const std::vector<Tensor<T, 2>>& router_logits, std::size_t k,
                           std::span<const std::int64_t> mask) {
  const std::size_t experts = router_logits.front().extent(1);
  std::vector<double> chosen(experts, 0.0);
  std::vector<double> probability(experts, 0.0);
  double counted = 0.0;
  Tensor<std::int64_t, 1> largest({k});
  for (const Tensor<T, 2>& logits : router_logits) {
    for (std::size_t token = 0; token < logits.extent(0); ++token) {
      if (!mask.empty() && mask[token] == 0) continue;
      counted += 1.0;
      top_k<T>(logits.view()[token], largest.view());
      for (const std::int64_t expert : largest.view().flat()) chosen[static_cast<std::size_t>(expert)] += 1.0;
      const std::vector<double> probs = softmax<T>(logits.view()[token].flat());
      for (std::size_t expert = 0; expert < experts; ++expert) probability[expert] += probs[expert];
    }
  }
  double sum = 0.0;
  for (std::size_t expert = 0; expert < experts; ++expert) {
    sum += chosen[expert] / counted * (probability[expert] / counted);
  }
  return sum * static_cast<double>(experts);
}

template double load_balancing_loss<float>(const std::vector<Tensor<float, 2>>&, std::size_t,
                                           std::span<const std::int64_t>);
template double load_balancing_loss<double>(const std::vector<Tensor<double, 2>>&, std::size_t,
                                            std::span<const std::int64_t>);
template double load_balancing_loss<Gauged>(const std::vector<Tensor<Gauged, 2>>&, std::size_t,
                                            std::span<const std::int64_t>);

}  // namespace assay::reference
