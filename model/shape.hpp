// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The extents of a dense row-major tensor.
#pragma once

#include <cstddef>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

namespace assay {

using Shape = std::vector<std::size_t>;

/// The number of elements; 1 for a scalar.
[[nodiscard]] inline std::size_t elements(const Shape& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

/// "[48, 16]"
[[nodiscard]] std::string to_string(const Shape& shape);

/// The multi-index of the element at `offset` in row-major order; `offset` is below elements(shape).
[[nodiscard]] Shape unravel(std::size_t offset, const Shape& shape);

}  // namespace assay
