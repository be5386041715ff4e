// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/softmax.hpp"

#include <algorithm>
#include <limits>

#include "reference/scalar.hpp"

namespace assay::reference {

template <class T>
void masked_softmax(View<const T, 1> scores, View<const std::uint8_t, 1> visible, View<T, 1> probs) {
  const std::size_t keys = scores.extent(0);
  Wide<T> maximum = -std::numeric_limits<double>::infinity();
  bool sees_any = false;
  for (std::size_t key = 0; key < keys; ++key) {
    if (visible[key] == 0) continue;
    sees_any = true;
    maximum = std::max<Wide<T>>(maximum, widen(scores[key]));
  }
  if (!sees_any) {
    for (std::size_t key = 0; key < keys; ++key) probs[key] = narrow<T>(1.0 / static_cast<double>(keys));
    return;
  }
  Wide<T> sum = 0.0;
  for (std::size_t key = 0; key < keys; ++key) {
    if (visible[key] != 0) sum += exp(widen(scores[key]) - maximum);
  }
  for (std::size_t key = 0; key < keys; ++key) {
    const Wide<T> exponential = visible[key] == 0 ? Wide<T>(0.0) : exp(widen(scores[key]) - maximum);
    probs[key] = narrow<T>(exponential / sum);
  }
}

template void masked_softmax<float>(View<const float, 1>, View<const std::uint8_t, 1>, View<float, 1>);
template void masked_softmax<double>(View<const double, 1>, View<const std::uint8_t, 1>, View<double, 1>);
template void masked_softmax<Gauged>(View<const Gauged, 1>, View<const std::uint8_t, 1>, View<Gauged, 1>);

}  // namespace assay::reference
