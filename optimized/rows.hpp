// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Rows of a matrix that need not be dense: a slice of the columns of a wider one keeps the wider one's stride.
#pragma once

#include <cassert>
#include <cstddef>

#include "model/view.hpp"

namespace assay::optimized {

template <class T>
struct Rows {
  T* data = nullptr;
  std::size_t count = 0;   ///< rows
  std::size_t width = 0;   ///< elements of a row
  std::size_t stride = 0;  ///< elements from one row to the next

  [[nodiscard]] T* operator[](std::size_t row) const {
    assert(row < count && "a row of the matrix");
    return data + row * stride;
  }
  /// Columns first to first + columns of every row.
  [[nodiscard]] Rows columns(std::size_t first, std::size_t columns) const {
    assert(first + columns <= width && "columns of the matrix");
    return {data + first, count, columns, stride};
  }
  /// Rows first to first + rows.
  [[nodiscard]] Rows part(std::size_t first, std::size_t rows) const {
    assert(first + rows <= count && "rows of the matrix");
    return {data + first * stride, rows, width, stride};
  }
  operator Rows<const T>() const { return {data, count, width, stride}; }
};

/// Dense rows.
template <class T>
[[nodiscard]] Rows<T> dense(T* data, std::size_t count, std::size_t width) {
  return {data, count, width, width};
}

}  // namespace assay::optimized
