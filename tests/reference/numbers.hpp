// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Small stored weights and tensors that a test writes out in numbers.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "model/tensor.hpp"
#include "reference/weight.hpp"

namespace assay::test {

/// The bytes of a stored tensor, kept at an odd address: no reader may rely on alignment.
class Stored {
 public:
  template <class Element>
  Stored(DType dtype, std::size_t rows, const std::vector<Element>& values)
      : dtype_(dtype), rows_(rows), columns_(values.size() / rows), bytes_(values.size() * sizeof(Element) + 1) {
    EXPECT_EQ(sizeof(Element), size_bytes(dtype));
    std::memcpy(bytes_.data() + 1, values.data(), bytes_.size() - 1);
  }

  [[nodiscard]] reference::WeightMatrix matrix() const { return {dtype_, bytes_.data() + 1, rows_, columns_}; }

 private:
  DType dtype_;
  std::size_t rows_;
  std::size_t columns_;
  std::vector<std::byte> bytes_;
};

/// A stored float64 tensor of one axis.
[[nodiscard]] inline Stored vector_of(const std::vector<double>& values) { return {DType::f64, 1, values}; }

/// A stored float64 tensor of `rows` rows.
[[nodiscard]] inline Stored matrix_of(std::size_t rows, const std::vector<double>& values) {
  return {DType::f64, rows, values};
}

template <class T, std::size_t Rank>
[[nodiscard]] Tensor<T, Rank> tensor_of(const std::array<std::size_t, Rank>& extents, const std::vector<T>& values) {
  Tensor<T, Rank> tensor(extents);
  EXPECT_EQ(tensor.view().elements(), values.size());
  std::ranges::copy(values, tensor.view().flat().begin());
  return tensor;
}

template <class T, std::size_t Rank>
[[nodiscard]] std::vector<T> values_of(const Tensor<T, Rank>& tensor) {
  const std::span<const T> flat = tensor.view().flat();
  return {flat.begin(), flat.end()};
}

/// Each element within `tolerance`; NaN is near nothing.
template <class T>
void expect_near(const std::vector<T>& actual, const std::vector<T>& expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], tolerance) << "element " << i;
}

}  // namespace assay::test
