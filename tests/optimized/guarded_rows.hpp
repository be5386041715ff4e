// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Strided rows for tests of the optimized engine: what is not written yet is NaN, what must never be written is
// watched, and results are compared with what float32 rounding allows.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include "model/tensor.hpp"
#include "optimized/rows.hpp"

namespace assay::test {

/// Half a unit in the last place of 1: the relative error of one rounding to float32.
constexpr double rounding = 0x1p-24;

/// Rows that are NaN at first, with guard values before, between and behind them. Rows start at odd addresses.
class GuardedRows {
 public:
  GuardedRows(std::size_t count, std::size_t width)
      : count_(count), width_(width), values_(gap + count * (width + gap), guard) {
    for (std::size_t row = 0; row < count; ++row) {
      std::ranges::fill(span(row), std::numeric_limits<float>::quiet_NaN());
    }
  }
  ~GuardedRows() {
    EXPECT_EQ(std::ranges::count(values_, guard), static_cast<std::ptrdiff_t>(gap * (count_ + 1)))
        << "written between the rows";
  }
  GuardedRows(const GuardedRows&) = default;
  GuardedRows& operator=(const GuardedRows&) = default;

  [[nodiscard]] std::span<float> span(std::size_t row) { return {values_.data() + start(row), width_}; }
  [[nodiscard]] std::span<const float> span(std::size_t row) const { return {values_.data() + start(row), width_}; }
  [[nodiscard]] optimized::Rows<float> rows() { return {values_.data() + gap, count_, width_, width_ + gap}; }
  [[nodiscard]] optimized::Rows<const float> rows() const {
    return {values_.data() + gap, count_, width_, width_ + gap};
  }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::size_t width() const { return width_; }

  /// The same numbers as the scalar engine takes them, in double.
  [[nodiscard]] Tensor<double, 2> doubles() const {
    Tensor<double, 2> tensor({count_, width_});
    for (std::size_t row = 0; row < count_; ++row) {
      for (std::size_t i = 0; i < width_; ++i) tensor(row, i) = span(row)[i];
    }
    return tensor;
  }

 private:
  static constexpr std::size_t gap = 3;
  static constexpr float guard = 12345.678F;
  [[nodiscard]] std::size_t start(std::size_t row) const { return gap + row * (width_ + gap); }

  std::size_t count_;
  std::size_t width_;
  std::vector<float> values_;
};

/// Numbers between -scale and scale, the same on every run.
inline void fill(std::span<float> values, unsigned seed, float scale = 1.0F) {
  std::mt19937 random(seed);
  for (float& value : values) value = scale * (static_cast<float>(random()) * 0x1p-31F - 1.0F);
}

[[nodiscard]] inline GuardedRows random_rows(std::size_t count, std::size_t width, unsigned seed, float scale = 1.0F) {
  GuardedRows rows(count, width);
  for (std::size_t row = 0; row < count; ++row) {
    fill(rows.span(row), seed * 1000 + static_cast<unsigned>(row), scale);
  }
  return rows;
}

[[nodiscard]] inline std::vector<float> random_vector(std::size_t count, unsigned seed, float scale = 1.0F) {
  std::vector<float> values(count);
  fill(values, seed, scale);
  return values;
}

/// Each element within `roundings` roundings of its size, and `absolute`. Subnormals have no more digits than they
/// have.
inline void expect_rounded(const GuardedRows& actual, const Tensor<double, 2>& expected, double roundings,
                           double absolute = 0.0) {
  ASSERT_EQ(actual.count(), expected.extent(0));
  ASSERT_EQ(actual.width(), expected.extent(1));
  const double smallest = std::numeric_limits<float>::denorm_min();
  for (std::size_t row = 0; row < actual.count(); ++row) {
    for (std::size_t i = 0; i < actual.width(); ++i) {
      const double right = expected(row, i);
      const double error = std::abs(static_cast<double>(actual.span(row)[i]) - right);
      ASSERT_LE(error, roundings * rounding * std::abs(right) + absolute + smallest)
          << "row " << row << " element " << i << " of " << actual.width() << ": " << actual.span(row)[i] << " for "
          << right;
    }
  }
}

inline void expect_same_bits(const GuardedRows& actual, const GuardedRows& expected) {
  ASSERT_EQ(actual.count(), expected.count());
  ASSERT_EQ(actual.width(), expected.width());
  for (std::size_t row = 0; row < actual.count(); ++row) {
    for (std::size_t i = 0; i < actual.width(); ++i) {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(actual.span(row)[i]), std::bit_cast<std::uint32_t>(expected.span(row)[i]))
          << "row " << row << " element " << i;
    }
  }
}

/// Widths around the vectors of every instruction set, and longer.
constexpr std::size_t odd_widths[] = {1, 7, 8, 17, 33, 100, 1023};

}  // namespace assay::test
