// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/activation.hpp"

#include <cmath>
#include <limits>

#include "reference/ops/activation.hpp"
#include "tests/optimized/every_target.hpp"
#include "tests/optimized/guarded_rows.hpp"

namespace assay::optimized {
namespace {

using test::GuardedRows;
using test::on_every_target;
using test::random_rows;

float silu_of(float x) {
  const float one = 1.0F;
  float out = NAN;
  silu_and_multiply(&x, &one, &out, 1);
  return out;
}

TEST(OptimizedSiluAndMultiply, AgreesWithTheScalarEngineAtAnyWidth) {
  on_every_target([] {
    for (const std::size_t width : test::odd_widths) {
      const GuardedRows gate = random_rows(3, width, 1, 20.0F);
      const GuardedRows up = random_rows(3, width, 2);
      Tensor<double, 2> expected = up.doubles();
      for (std::size_t row = 0; row < 3; ++row) {
        for (std::size_t i = 0; i < width; ++i) {
          expected(row, i) *= reference::silu(static_cast<double>(gate.span(row)[i]));
        }
      }
      GuardedRows out(3, width);
      silu_and_multiply(gate.rows(), up.rows(), out.rows());
      // The exponential (one unit in the last place is two roundings), the sum, the quotient, the product.
      expect_rounded(out, expected, 5.0);
    }
  });
}

TEST(OptimizedSiluAndMultiply, GivesRowsTheSameBitsAsRuns) {
  on_every_target([] {
    const GuardedRows gate = random_rows(3, 100, 3);
    const GuardedRows up = random_rows(3, 100, 4);
    GuardedRows rows(3, 100);
    GuardedRows runs(3, 100);
    silu_and_multiply(gate.rows(), up.rows(), rows.rows());
    for (std::size_t row = 0; row < 3; ++row) {
      silu_and_multiply(gate.rows()[row], up.rows()[row], runs.rows()[row], 100);
    }
    expect_same_bits(rows, runs);
  });
}

TEST(OptimizedSiluAndMultiply, MayReplaceItsInput) {
  on_every_target([] {
    GuardedRows gate = random_rows(2, 33, 5);
    const GuardedRows up = random_rows(2, 33, 6);
    GuardedRows apart(2, 33);
    silu_and_multiply(gate.rows(), up.rows(), apart.rows());
    silu_and_multiply(gate.rows(), up.rows(), gate.rows());
    expect_same_bits(gate, apart);
  });
}

TEST(OptimizedSiluAndMultiply, IsZeroFarBelowAndTheGateItselfFarAbove) {
  on_every_target([] {
    for (const float x : {-89.0F, -100.0F, -103.9F, -104.1F, -1e4F, -1e30F, std::numeric_limits<float>::lowest()}) {
      EXPECT_NEAR(silu_of(x), 0.0F, 1e-35F) << x;
    }
    EXPECT_EQ(silu_of(0.0F), 0.0F);
    for (const float x : {100.0F, 1e4F, 1e30F, std::numeric_limits<float>::max()}) EXPECT_EQ(silu_of(x), x);
    EXPECT_EQ(silu_of(INFINITY), INFINITY);
  });
}

TEST(OptimizedSiluAndMultiply, KeepsNaN) {
  on_every_target([] { EXPECT_TRUE(std::isnan(silu_of(NAN))); });
}

}  // namespace
}  // namespace assay::optimized
