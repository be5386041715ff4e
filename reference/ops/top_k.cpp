// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/top_k.hpp"

#include <algorithm>
#include <vector>

#include "reference/scalar.hpp"

namespace assay::reference {

template <class T>
void top_k(View<const T, 1> logits, View<std::int64_t, 1> experts) {
  std::vector<bool> taken(logits.extent(0), false);
  for (std::size_t slot = 0; slot < experts.extent(0); ++slot) {
    std::size_t best = logits.extent(0);
    for (std::size_t expert = 0; expert < logits.extent(0); ++expert) {
      if (taken[expert]) continue;
      if (best == logits.extent(0) || logits[expert] > logits[best]) best = expert;
    }
    taken[best] = true;
    experts[slot] = static_cast<std::int64_t>(best);
  }
}

template <class T>
void top_k_weights(View<const T, 1> logits, View<const std::int64_t, 1> experts, View<T, 1> weights) {
  const auto logit = [&](std::size_t slot) { return widen(logits[static_cast<std::size_t>(experts[slot])]); };
  Wide<T> maximum = logit(0);
  for (std::size_t slot = 1; slot < experts.extent(0); ++slot) maximum = std::max<Wide<T>>(maximum, logit(slot));
  Wide<T> sum = 0.0;
  for (std::size_t slot = 0; slot < experts.extent(0); ++slot) sum += exp(logit(slot) - maximum);
  for (std::size_t slot = 0; slot < experts.extent(0); ++slot) {
    weights[slot] = narrow<T>(exp(logit(slot) - maximum) / sum);
  }
}

template void top_k<float>(View<const float, 1>, View<std::int64_t, 1>);
template void top_k<double>(View<const double, 1>, View<std::int64_t, 1>);
template void top_k<Gauged>(View<const Gauged, 1>, View<std::int64_t, 1>);
template void top_k_weights<float>(View<const float, 1>, View<const std::int64_t, 1>, View<float, 1>);
template void top_k_weights<double>(View<const double, 1>, View<const std::int64_t, 1>, View<double, 1>);
template void top_k_weights<Gauged>(View<const Gauged, 1>, View<const std::int64_t, 1>, View<Gauged, 1>);

}  // namespace assay::reference
