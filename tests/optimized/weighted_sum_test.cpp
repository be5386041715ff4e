// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/weighted_sum.hpp"

#include "tests/optimized/every_target.hpp"
#include "tests/optimized/guarded_rows.hpp"

namespace assay::optimized {
namespace {

using test::GuardedRows;
using test::random_rows;

/// k slots of each token, on rows that come in no order.
struct Routes {
  Routes(std::size_t tokens, std::size_t k) : row_of({tokens, k}), weights({tokens, k}) {
    const std::size_t rows = tokens * k;
    for (std::size_t slot = 0; slot < rows; ++slot) {
      row_of.view().flat()[slot] = static_cast<std::uint32_t>((slot * 7 + 3) % rows);
    }
    test::fill(weights.view().flat(), 1);
  }
  Tensor<std::uint32_t, 2> row_of;
  Tensor<float, 2> weights;
};

GuardedRows combined(const GuardedRows& expert_out, const Routes& routes, std::size_t threads = 1) {
  GuardedRows out(routes.row_of.extent(0), expert_out.width());
  combine_experts(expert_out.rows(), routes.row_of.view(), routes.weights.view(), out.rows(), Threads(threads));
  return out;
}

TEST(OptimizedCombineExperts, SumsTheWeightedRowsOfItsSlotsAtAnyWidth) {
  test::on_every_target([] {
    for (const std::size_t width : test::odd_widths) {
      for (const std::size_t k : {1U, 2U, 8U}) {
        const GuardedRows expert_out = random_rows(3 * k, width, 2);
        const Routes routes(3, k);
        Tensor<double, 2> expected({3, width});
        for (std::size_t t = 0; t < 3; ++t) {
          for (std::size_t slot = 0; slot < k; ++slot) {
            for (std::size_t i = 0; i < width; ++i) {
              expected(t, i) += static_cast<double>(routes.weights(t, slot)) *
                                static_cast<double>(expert_out.span(routes.row_of(t, slot))[i]);
            }
          }
        }
        // k products of at most 1, and as many sums of at most k.
        const auto terms = static_cast<double>(k);
        expect_rounded(combined(expert_out, routes), expected, 0.0, terms * (terms + 1) * test::rounding);
      }
    }
  });
}

TEST(OptimizedCombineExperts, GivesZerosWithoutSlots) {
  const GuardedRows expert_out(0, 5);
  const GuardedRows out = combined(expert_out, Routes(2, 0));
  for (const float value : out.span(1)) EXPECT_EQ(value, 0.0F);
}

TEST(OptimizedCombineExperts, HasTheSameBitsOnThreeThreads) {
  const GuardedRows expert_out = random_rows(41 * 4, 1023, 3);
  const Routes routes(41, 4);
  expect_same_bits(combined(expert_out, routes, 3), combined(expert_out, routes));
}

}  // namespace
}  // namespace assay::optimized
