// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/sparsemixer.hpp"

#include <cmath>

#include "tests/reference/numbers.hpp"

namespace assay::reference {
namespace {

using test::tensor_of;

struct Mixed {
  std::array<std::int64_t, 2> experts;
  std::array<float, 2> weights;
};

/// In float: a score on the threshold falls as the truth, a float32 model, has it.
Mixed mix(const std::vector<float>& scores, double jitter = 0.01) {
  const Tensor<float, 1> input = tensor_of<float, 1>({scores.size()}, scores);
  const auto experts = sparsemixer_experts<float>(input.view());
  return {experts, sparsemixer_weights<float>(input.view(), experts, jitter)};
}

void expect_mix(const std::vector<float>& scores, std::array<std::int64_t, 2> experts, std::array<double, 2> weights) {
  const Mixed mixed = mix(scores);
  EXPECT_EQ(mixed.experts, experts);
  EXPECT_NEAR(mixed.weights[0], weights[0], 1e-6);
  EXPECT_NEAR(mixed.weights[1], weights[1], 1e-6);
}

// The reference values of transformers 5.23.0 with a jitter of 0.01.
TEST(Sparsemixer, KeepsThreeOfFourNearTheMaximum) { expect_mix({2, 1.99F, 1.98F, 1}, {0, 1}, {0.336672, 0.502500}); }

TEST(Sparsemixer, KeepsTheScoreOnTheThreshold) { expect_mix({2, 1.96F, 1.95F, 1.94F}, {0, 1}, {0.509999, 0.336672}); }

TEST(Sparsemixer, DividesByTheAbsoluteScoreWhereAllAreNegative) {
  expect_mix({-1, -1.005F, -1.02F, -1.0205F}, {0, 1}, {0.336111, 0.336731});
}

TEST(Sparsemixer, GivesBothWeightOneWhereScoresAreFarApart) { expect_mix({0, -1, -2, -3}, {0, 1}, {1, 1}); }

TEST(Sparsemixer, LeavesTheFirstExpertOutOfTheSecondSoftmax) { expect_mix({1, 1, 0.5F, 0.2F}, {0, 1}, {0.5, 1}); }

TEST(Sparsemixer, KeepsZeroOverZero) { expect_mix({0, 0, 0, 0}, {0, 1}, {0.25, 1.0 / 3.0}); }

TEST(Sparsemixer, NamesTheTwoLargestAndTheLowestAmongEquals) {
  EXPECT_EQ(mix({1, 3, 2}).experts, (std::array<std::int64_t, 2>{1, 2}));
  EXPECT_EQ(mix({1, 3, 3, 3}).experts, (std::array<std::int64_t, 2>{1, 2}));
  EXPECT_EQ(mix({-4, -7}).experts, (std::array<std::int64_t, 2>{0, 1}));
}

TEST(Sparsemixer, BandsByTwiceTheJitter) {
  // (4 - 3) / 4 = 0.25: inside 2 * 0.125, outside 2 * 0.1.
  EXPECT_NEAR(mix({4, 3}, 0.125).weights[0], 1 / (1 + std::exp(-1.0)), 1e-6);
  EXPECT_EQ(mix({4, 3}, 0.1).weights[0], 1.0F);
}

TEST(Sparsemixer, GivesTheSecondOfTwoExpertsWeightOne) { EXPECT_EQ(mix({1, 0.999F}).weights[1], 1.0F); }

}  // namespace
}  // namespace assay::reference
