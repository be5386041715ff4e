// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/residual.hpp"

#include "tests/optimized/every_target.hpp"
#include "tests/optimized/guarded_rows.hpp"

namespace assay::optimized {
namespace {

using test::GuardedRows;
using test::random_rows;

TEST(OptimizedAddScaled, AddsTheScaledBranchAtAnyWidth) {
  test::on_every_target([] {
    for (const std::size_t width : test::odd_widths) {
      GuardedRows x = random_rows(3, width, 1);
      const GuardedRows branch = random_rows(3, width, 2);
      Tensor<double, 2> expected = x.doubles();
      for (std::size_t row = 0; row < 3; ++row) {
        for (std::size_t i = 0; i < width; ++i) {
          expected(row, i) += static_cast<double>(branch.span(row)[i]) * static_cast<double>(0.22F);
        }
      }
      add_scaled(x.rows(), branch.rows(), 0.22F, Threads(1));
      // The sum; and the product, of at most 0.22, where there is no fused multiply-add.
      expect_rounded(x, expected, 1.0, 0.22 * test::rounding);
    }
  });
}

TEST(OptimizedAddScaled, HasTheSameBitsOnThreeThreads) {
  const GuardedRows branch = random_rows(41, 1023, 3);
  GuardedRows one = random_rows(41, 1023, 4);
  GuardedRows three = one;
  add_scaled(one.rows(), branch.rows(), 0.22F, Threads(1));
  add_scaled(three.rows(), branch.rows(), 0.22F, Threads(3));
  expect_same_bits(three, one);
}

}  // namespace
}  // namespace assay::optimized
