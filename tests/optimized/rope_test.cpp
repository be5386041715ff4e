// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/rope.hpp"

#include <cmath>

#include "optimized/ops/rope_frequencies.hpp"
#include "reference/ops/rope.hpp"
#include "reference/ops/rope_frequencies.hpp"
#include "tests/optimized/every_target.hpp"
#include "tests/optimized/guarded_rows.hpp"

namespace assay::optimized {
namespace {

using test::expect_same_bits;
using test::GuardedRows;
using test::on_every_target;
using test::random_rows;

const std::vector<std::int64_t> positions{0, 1, 2, 3, 17, 255, 4095, 4096, 131071, (1 << 20) - 1};

std::vector<float> inv_freq_of(double theta, std::size_t half) {
  std::vector<float> inv_freq(half);
  default_inv_freq(theta, inv_freq);
  return inv_freq;
}

TEST(OptimizedDefaultInvFreq, HasTheBitsOfTheScalarEngine) {
  for (const std::size_t half : {1U, 4U, 32U, 64U}) {
    EXPECT_EQ(inv_freq_of(1e4, half), reference::default_inv_freq(1e4, 2 * half));
    EXPECT_EQ(inv_freq_of(1e7, half), reference::default_inv_freq(1e7, 2 * half));
  }
}

TEST(OptimizedRopeTable, AgreesWithTheScalarEngineUpToAMillionTokens) {
  on_every_target([] {
    for (const std::size_t half : {1U, 3U, 4U, 17U, 64U}) {
      const std::vector<float> inv_freq = inv_freq_of(1e4, half);
      GuardedRows cos(positions.size(), 2 * half);
      GuardedRows sin(positions.size(), 2 * half);
      rope_table(positions, inv_freq, 1.0, cos.rows(), sin.rows(), Threads(1));
      Tensor<double, 3> right_cos({1, positions.size(), 2 * half});
      Tensor<double, 3> right_sin({1, positions.size(), 2 * half});
      reference::rope_table<double>({positions.data(), {1, positions.size()}}, {inv_freq.data(), {half}}, 1.0,
                                    right_cos.view(), right_sin.view());
      for (std::size_t row = 0; row < positions.size(); ++row) {
        for (std::size_t i = 0; i < 2 * half; ++i) {
          // One rounding of a number that double has to 1e-13.
          ASSERT_NEAR(cos.span(row)[i], right_cos(0, row, i), test::rounding * std::abs(right_cos(0, row, i)) + 1e-13);
          ASSERT_NEAR(sin.span(row)[i], right_sin(0, row, i), test::rounding * std::abs(right_sin(0, row, i)) + 1e-13);
        }
      }
    }
  });
}

TEST(OptimizedRopeTable, TurnsThroughAllQuadrants) {
  on_every_target([] {
    // Eighths of a turn on either side of every quadrant's border, both ways round.
    std::vector<float> inv_freq;
    for (int eighth = -20; eighth <= 20; ++eighth) inv_freq.push_back(static_cast<float>(eighth) * 0.785F + 0.01F);
    const std::vector<std::int64_t> one{1};
    GuardedRows cos(1, 2 * inv_freq.size());
    GuardedRows sin(1, 2 * inv_freq.size());
    rope_table(one, inv_freq, 1.0, cos.rows(), sin.rows(), Threads(1));
    for (std::size_t i = 0; i < inv_freq.size(); ++i) {
      EXPECT_NEAR(cos.span(0)[i], std::cos(static_cast<double>(inv_freq[i])), test::rounding);
      EXPECT_NEAR(sin.span(0)[i], std::sin(static_cast<double>(inv_freq[i])), test::rounding);
    }
  });
}

TEST(OptimizedRopeTable, MultipliesByTheAttentionFactor) {
  on_every_target([] {
    const std::vector<float> inv_freq = inv_freq_of(1e4, 5);
    GuardedRows cos(positions.size(), 10);
    GuardedRows sin(positions.size(), 10);
    rope_table(positions, inv_freq, 1.2431631, cos.rows(), sin.rows(), Threads(1));
    for (std::size_t row = 0; row < positions.size(); ++row) {
      for (std::size_t i = 0; i < 10; ++i) {
        const double angle = static_cast<float>(positions[row]) * inv_freq[i % 5];
        ASSERT_NEAR(cos.span(row)[i], std::cos(angle) * 1.2431631, 1.25 * test::rounding);
        ASSERT_NEAR(sin.span(row)[i], std::sin(angle) * 1.2431631, 1.25 * test::rounding);
      }
    }
  });
}

TEST(OptimizedRopeTable, IsRightForAnglesBeyondAMillion) {
  on_every_target([] {
    // Frequencies above 1 are valid: a linear factor below 1, or a theta below 1.
    const std::vector<float> inv_freq{40.0F, 3.3F, 0.5F};
    const std::vector<std::int64_t> far{131071, 1 << 20, (1 << 24) - 1};
    GuardedRows cos(far.size(), 6);
    GuardedRows sin(far.size(), 6);
    rope_table(far, inv_freq, 1.0, cos.rows(), sin.rows(), Threads(1));
    for (std::size_t row = 0; row < far.size(); ++row) {
      for (std::size_t i = 0; i < 6; ++i) {
        const double angle = static_cast<float>(far[row]) * inv_freq[i % 3];
        ASSERT_NEAR(cos.span(row)[i], std::cos(angle), test::rounding) << angle;
        ASSERT_NEAR(sin.span(row)[i], std::sin(angle), test::rounding) << angle;
      }
    }
  });
}

TEST(OptimizedRopeTable, HasTheSameBitsOnThreeThreads) {
  const std::vector<float> inv_freq = inv_freq_of(1e4, 64);
  std::vector<std::int64_t> many;
  for (std::int64_t position = 0; position < 41; ++position) many.push_back(position * 7);
  GuardedRows one_cos(41, 128);
  GuardedRows one_sin(41, 128);
  GuardedRows three_cos(41, 128);
  GuardedRows three_sin(41, 128);
  rope_table(many, inv_freq, 1.0, one_cos.rows(), one_sin.rows(), Threads(1));
  rope_table(many, inv_freq, 1.0, three_cos.rows(), three_sin.rows(), Threads(3));
  expect_same_bits(three_cos, one_cos);
  expect_same_bits(three_sin, one_sin);
}

/// What the scalar engine makes of [batch * length, heads * head_dim].
Tensor<double, 2> rotated(const GuardedRows& x, std::size_t batch, std::size_t head_dim, const GuardedRows& cos,
                          const GuardedRows& sin) {
  const std::size_t length = x.count() / batch;
  const std::size_t heads = x.width() / head_dim;
  const std::size_t table_rows = cos.count() / length;
  Tensor<double, 4> in({batch, heads, length, head_dim});
  Tensor<double, 4> out({batch, heads, length, head_dim});
  const auto at = [&](auto& tensor, std::size_t t, std::size_t column) -> double& {
    return tensor(t / length, column / head_dim, t % length, column % head_dim);
  };
  for (std::size_t t = 0; t < x.count(); ++t) {
    for (std::size_t column = 0; column < x.width(); ++column) at(in, t, column) = x.span(t)[column];
  }
  const Tensor<double, 2> cosines = cos.doubles();
  const Tensor<double, 2> sines = sin.doubles();
  reference::apply_rope<double>(in.view(), cosines.view().reshaped<3>({table_rows, length, head_dim}),
                                sines.view().reshaped<3>({table_rows, length, head_dim}), out.view());
  Tensor<double, 2> flat({x.count(), x.width()});
  for (std::size_t t = 0; t < x.count(); ++t) {
    for (std::size_t column = 0; column < x.width(); ++column) flat(t, column) = at(out, t, column);
  }
  return flat;
}

TEST(OptimizedApplyRope, AgreesWithTheScalarEngineForAnyTable) {
  on_every_target([] {
    for (const std::size_t head_dim : {2U, 6U, 8U, 34U, 128U}) {
      for (const std::size_t table_rows : {5U, 10U}) {  // shared by the batch of two, and one for each token
        const GuardedRows x = random_rows(10, 3 * head_dim, 1);
        // Not a rotation, and the halves differ: an injected table is taken as it is.
        const GuardedRows cos = random_rows(table_rows, head_dim, 2);
        const GuardedRows sin = random_rows(table_rows, head_dim, 3);
        GuardedRows heads = x;
        apply_rope(heads.rows(), head_dim, cos.rows(), sin.rows(), 5, Threads(1));
        // Two products of at most 1, and their sum.
        expect_rounded(heads, rotated(x, 2, head_dim, cos, sin), 1.0, 2 * test::rounding);
      }
    }
  });
}

TEST(OptimizedApplyRope, HasTheSameBitsOnThreeThreads) {
  const GuardedRows cos = random_rows(41, 66, 5);
  const GuardedRows sin = random_rows(41, 66, 6);
  GuardedRows one = random_rows(82, 5 * 66, 7);
  GuardedRows three = one;
  apply_rope(one.rows(), 66, cos.rows(), sin.rows(), 41, Threads(1));
  apply_rope(three.rows(), 66, cos.rows(), sin.rows(), 41, Threads(3));
  expect_same_bits(three, one);
}

}  // namespace
}  // namespace assay::optimized
