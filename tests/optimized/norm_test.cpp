// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/norm.hpp"

#include <cmath>

#include "reference/ops/norm.hpp"
#include "tests/optimized/every_target.hpp"
#include "tests/optimized/guarded_rows.hpp"

namespace assay::optimized {
namespace {

using test::expect_rounded;
using test::expect_same_bits;
using test::GuardedRows;
using test::on_every_target;
using test::random_rows;
using test::random_vector;

reference::WeightMatrix stored(const std::vector<float>& values) {
  return {DType::f32, reinterpret_cast<const std::byte*>(values.data()), 1, values.size()};
}

GuardedRows rms_norm_of(const GuardedRows& x, const std::vector<float>& weight, double eps, std::size_t threads = 1) {
  GuardedRows y(x.count(), x.width());
  rms_norm(x.rows(), weight, eps, y.rows(), Threads(threads));
  return y;
}

GuardedRows layer_norm_of(const GuardedRows& x, const std::vector<float>& weight, const std::vector<float>& bias,
                          double eps, std::size_t threads = 1) {
  GuardedRows y(x.count(), x.width());
  layer_norm(x.rows(), weight, bias, eps, y.rows(), Threads(threads));
  return y;
}

GuardedRows gated_rms_norm_of(const GuardedRows& x, const GuardedRows& gate, const std::vector<float>& weight,
                              std::size_t groups, std::size_t threads = 1) {
  GuardedRows y(x.count(), x.width());
  gated_rms_norm(x.rows(), gate.rows(), weight, groups, 1e-5, y.rows(), Threads(threads));
  return y;
}

TEST(OptimizedRmsNorm, AgreesWithTheScalarEngineAtAnyWidth) {
  on_every_target([] {
    for (const std::size_t width : test::odd_widths) {
      const GuardedRows x = random_rows(3, width, 1);
      const std::vector<float> weight = random_vector(width, 2);
      Tensor<double, 2> expected({3, width});
      reference::rms_norm<double>(x.doubles().view(), stored(weight), 1e-5, expected.view());
      // The scale, two products.
      expect_rounded(rms_norm_of(x, weight, 1e-5), expected, 3.01);
    }
  });
}

TEST(OptimizedRmsNorm, SquaresLargeAndSmallFloats) {
  on_every_target([] {
    for (const float size : {1e30F, 1e-30F}) {
      GuardedRows x(1, 19);
      std::ranges::fill(x.span(0), size);
      const GuardedRows y = rms_norm_of(x, std::vector<float>(19, 1.0F), 0.0);
      for (const float value : y.span(0)) EXPECT_NEAR(value, 1.0F, 2e-7);
    }
  });
}

TEST(OptimizedRmsNorm, MayReplaceItsInput) {
  GuardedRows x = random_rows(2, 33, 3);
  const std::vector<float> weight = random_vector(33, 4);
  const GuardedRows apart = rms_norm_of(x, weight, 1e-5);
  rms_norm(x.rows(), weight, 1e-5, x.rows(), Threads(1));
  expect_same_bits(x, apart);
}

TEST(OptimizedRmsNorm, PassesANaNToItsWholeRowAndToNoOther) {
  on_every_target([] {
    GuardedRows x = random_rows(2, 33, 5);
    x.span(0)[32] = NAN;
    const GuardedRows y = rms_norm_of(x, std::vector<float>(33, 1.0F), 1e-5);
    for (const float value : y.span(0)) EXPECT_TRUE(std::isnan(value));
    for (const float value : y.span(1)) EXPECT_FALSE(std::isnan(value));
  });
}

TEST(OptimizedRmsNorm, HasTheSameBitsOnThreeThreads) {
  const GuardedRows x = random_rows(41, 1023, 6);
  const std::vector<float> weight = random_vector(1023, 7);
  expect_same_bits(rms_norm_of(x, weight, 1e-5, 3), rms_norm_of(x, weight, 1e-5));
}

TEST(OptimizedLayerNorm, AgreesWithTheScalarEngineAtAnyWidth) {
  on_every_target([] {
    for (const std::size_t width : test::odd_widths) {
      const GuardedRows x = random_rows(3, width, 8);
      const std::vector<float> weight = random_vector(width, 9);
      const std::vector<float> bias = random_vector(width, 10);
      Tensor<double, 2> expected({3, width});
      reference::layer_norm<double>(x.doubles().view(), stored(weight), stored(bias), 1e-5, expected.view());
      // One rounding of a result in double, which may be a small difference of numbers near 1.
      expect_rounded(layer_norm_of(x, weight, bias, 1e-5), expected, 1.0, 1e-13);
    }
  });
}

TEST(OptimizedLayerNorm, KeepsItsDigitsOnAHighMean) {
  on_every_target([] {
    GuardedRows x = random_rows(2, 100, 11);
    for (std::size_t row = 0; row < 2; ++row) {
      for (float& value : x.span(row)) value += 1000.0F;
    }
    const std::vector<float> weight(100, 1.0F);
    const std::vector<float> bias(100, 0.0F);
    Tensor<double, 2> expected({2, 100});
    reference::layer_norm<double>(x.doubles().view(), stored(weight), stored(bias), 1e-5, expected.view());
    expect_rounded(layer_norm_of(x, weight, bias, 1e-5), expected, 1.0, 1e-12);
  });
}

TEST(OptimizedLayerNorm, HasTheSameBitsOnThreeThreads) {
  const GuardedRows x = random_rows(41, 1023, 12);
  const std::vector<float> weight = random_vector(1023, 13);
  const std::vector<float> bias = random_vector(1023, 14);
  expect_same_bits(layer_norm_of(x, weight, bias, 1e-5, 3), layer_norm_of(x, weight, bias, 1e-5));
}

TEST(OptimizedGatedRmsNorm, AgreesWithTheScalarEngineAtAnyWidthOfAGroup) {
  on_every_target([] {
    for (const std::size_t width : test::odd_widths) {
      for (const std::size_t groups : {1U, 3U}) {
        const GuardedRows x = random_rows(2, width * groups, 15);
        const GuardedRows gate = random_rows(2, width * groups, 16, 8.0F);
        const std::vector<float> weight = random_vector(width * groups, 17);
        Tensor<double, 2> expected({2, width * groups});
        reference::gated_rms_norm<double>(x.doubles().view(), gate.doubles().view(), stored(weight), groups, 1e-5,
                                          expected.view());
        // The product with silu has 5 (exponential 2, sum, quotient, product), its mean square no more, and the norm 3.
        expect_rounded(gated_rms_norm_of(x, gate, weight, groups), expected, 13.0);
      }
    }
  });
}

TEST(OptimizedGatedRmsNorm, ClosesAtAVeryNegativeGate) {
  on_every_target([] {
    const GuardedRows x = random_rows(1, 17, 18);
    GuardedRows gate(1, 17);
    std::ranges::fill(gate.span(0), -100.0F);
    const GuardedRows y = gated_rms_norm_of(x, gate, std::vector<float>(17, 1.0F), 1);
    for (const float value : y.span(0)) EXPECT_EQ(value, 0.0F);
  });
}

TEST(OptimizedGatedRmsNorm, HasTheSameBitsOnThreeThreads) {
  const GuardedRows x = random_rows(41, 1023, 19);
  const GuardedRows gate = random_rows(41, 1023, 20);
  const std::vector<float> weight = random_vector(1023, 21);
  expect_same_bits(gated_rms_norm_of(x, gate, weight, 3, 3), gated_rms_norm_of(x, gate, weight, 3));
}

}  // namespace
}  // namespace assay::optimized
