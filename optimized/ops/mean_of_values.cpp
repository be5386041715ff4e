// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/mean_of_values.hpp"

#include <algorithm>
#include <array>

namespace assay::optimized {

void mean_of_values(const float* values, std::size_t keys, std::size_t head_dim, float* mean) {
  constexpr std::size_t lanes = 16;
  for (std::size_t first = 0; first < head_dim; first += lanes) {
    const std::size_t count = std::min(lanes, head_dim - first);
    std::array<double, lanes> sums{};
    for (std::size_t key = 0; key < keys; ++key) {
      for (std::size_t i = 0; i < count; ++i) sums[i] += static_cast<double>(values[key * head_dim + first + i]);
    }
    for (std::size_t i = 0; i < count; ++i) mean[first + i] = static_cast<float>(sums[i] / static_cast<double>(keys));
  }
}

}  // namespace assay::optimized
