// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/softmax.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace assay::reference {

template <class T>
void masked_softmax(View<const T, 1> scores, View<const std::uint8_t, 1> visible, View<T, 1> probs) {
  const std::size_t keys = scores.extent(0);
  double maximum = -std::numeric_limits<double>::infinity();
  bool sees_any = false;
  for (std::size_t key = 0; key < keys; ++key) {
    if (visible[key] == 0) continue;
    sees_any = true;
    maximum = std::max(maximum, static_cast<double>(scores[key]));
  }
  if (!sees_any) {
    for (std::size_t key = 0; key < keys; ++key) probs[key] = static_cast<T>(1.0 / static_cast<double>(keys));
    return;
  }
  double sum = 0.0;
  for (std::size_t key = 0; key < keys; ++key) {
    if (visible[key] != 0) sum += std::exp(static_cast<double>(scores[key]) - maximum);
  }
  for (std::size_t key = 0; key < keys; ++key) {
    const double exponential = visible[key] == 0 ? 0.0 : std::exp(static_cast<double>(scores[key]) - maximum);
    probs[key] = static_cast<T>(exponential / sum);
  }
}

template void masked_softmax<float>(View<const float, 1>, View<const std::uint8_t, 1>, View<float, 1>);
template void masked_softmax<double>(View<const double, 1>, View<const std::uint8_t, 1>, View<double, 1>);

}  // namespace assay::reference
