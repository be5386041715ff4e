// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/sparsemixer.hpp"

#include <array>
#include <cmath>

#include "reference/ops/sparsemixer.hpp"
#include "tests/optimized/guarded_rows.hpp"

namespace assay::optimized {
namespace {

using test::GuardedRows;
using test::random_rows;

struct Mixed {
  explicit Mixed(std::size_t tokens) : experts({tokens, 2}), weights({tokens, 2}) {
    std::ranges::fill(experts.view().flat(), -1);
    std::ranges::fill(weights.view().flat(), NAN);
  }
  Tensor<std::int64_t, 2> experts;
  Tensor<float, 2> weights;
};

Mixed mix(const GuardedRows& scores, double jitter, std::size_t threads = 1) {
  Mixed mixed(scores.count());
  sparsemixer_experts(scores.rows(), mixed.experts.view(), Threads(threads));
  sparsemixer_weights(scores.rows(), mixed.experts.view(), jitter, mixed.weights.view(), Threads(threads));
  return mixed;
}

Mixed mix_one(const std::vector<float>& scores, double jitter = 0.01) {
  GuardedRows row(1, scores.size());
  std::ranges::copy(scores, row.span(0).begin());
  return mix(row, jitter);
}

void expect_mix(const std::vector<float>& scores, std::array<std::int64_t, 2> experts, std::array<double, 2> weights) {
  const Mixed mixed = mix_one(scores);
  for (std::size_t slot = 0; slot < 2; ++slot) {
    EXPECT_EQ(mixed.experts(0, slot), experts[slot]);
    EXPECT_NEAR(mixed.weights(0, slot), weights[slot], 1e-6);
  }
}

TEST(OptimizedSparsemixer, AgreesWithTheScalarEngine) {
  for (const std::size_t count : {2U, 16U, 33U}) {
    for (const float scale : {0.1F, 4.0F}) {
      GuardedRows scores = random_rows(50, count, 1, scale);
      // Wholly positive and wholly negative tokens, close together.
      for (std::size_t t = 0; t < 50; ++t) {
        for (float& score : scores.span(t)) score += static_cast<float>(t % 3) * 6.0F - 6.0F;
      }
      const Tensor<double, 2> doubles = scores.doubles();
      const Mixed mixed = mix(scores, 0.01);
      for (std::size_t t = 0; t < 50; ++t) {
        const auto experts = reference::sparsemixer_experts<double>(doubles.view()[t]);
        const auto weights = reference::sparsemixer_weights<double>(doubles.view()[t], experts, 0.01);
        for (std::size_t slot = 0; slot < 2; ++slot) {
          ASSERT_EQ(mixed.experts(t, slot), experts[slot]);
          ASSERT_NEAR(mixed.weights(t, slot), weights[slot], 1.01 * test::rounding * weights[slot]);
        }
      }
    }
  }
}

TEST(OptimizedSparsemixer, GivesTheNumbersOfTransformers) {
  // transformers 5.23.0 with a jitter of 0.01.
  expect_mix({2, 1.99F, 1.98F, 1}, {0, 1}, {0.336672, 0.502500});
  expect_mix({2, 1.96F, 1.95F, 1.94F}, {0, 1}, {0.509999, 0.336672});
  expect_mix({-1, -1.005F, -1.02F, -1.0205F}, {0, 1}, {0.336111, 0.336731});
  expect_mix({0, -1, -2, -3}, {0, 1}, {1, 1});
  expect_mix({1, 1, 0.5F, 0.2F}, {0, 1}, {0.5, 1});
  expect_mix({0, 0, 0, 0}, {0, 1}, {0.25, 1.0 / 3.0});
}

TEST(OptimizedSparsemixer, DecidesTheBandInFloat32) {
  // (m - s) / m is 0.40000002, which float32 rounds to what it makes of 2 * 0.2: the second score stays in the band.
  const float m = 0x1.853e9ep+0F;
  const float s = 0x1.d317fp-1F;
  EXPECT_NEAR(mix_one({m, s}, 0.2).weights(0, 0), 1 / (1 + std::exp(static_cast<double>(s) - static_cast<double>(m))),
              1e-6);
}

TEST(OptimizedSparsemixer, WeighsTheExpertsItIsGiven) {
  GuardedRows scores(1, 3);
  std::ranges::copy(std::vector<float>{1.0F, 1.01F, 1.02F}, scores.span(0).begin());
  Mixed mixed(1);
  mixed.experts(0, 0) = 0;
  mixed.experts(0, 1) = 2;
  sparsemixer_weights(scores.rows(), mixed.experts.view(), 0.01, mixed.weights.view(), Threads(1));
  const double powers = std::exp(-0.02) + std::exp(-0.01) + 1;
  EXPECT_NEAR(mixed.weights(0, 0), std::exp(-0.02) / powers, 1e-6);
  EXPECT_NEAR(mixed.weights(0, 1), 1 / (1 + std::exp(-0.01)), 1e-6);
}

TEST(OptimizedSparsemixer, KeepsNaNInTheWeights) {
  const Mixed mixed = mix_one({1.0F, NAN, 0.5F});
  EXPECT_TRUE(std::isnan(mixed.weights(0, 0)));
  EXPECT_TRUE(std::isnan(mixed.weights(0, 1)));
}

TEST(OptimizedSparsemixer, HasTheSameBitsOnThreeThreads) {
  const GuardedRows scores = random_rows(300, 16, 2);
  const Mixed one = mix(scores, 0.01);
  const Mixed three = mix(scores, 0.01, 3);
  EXPECT_TRUE(std::ranges::equal(three.experts.view().flat(), one.experts.view().flat()));
  EXPECT_TRUE(std::ranges::equal(three.weights.view().flat(), one.weights.view().flat()));
}

}  // namespace
}  // namespace assay::optimized
