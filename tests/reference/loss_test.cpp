// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/loss.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/reference/numbers.hpp"

namespace assay::reference {
namespace {

using test::tensor_of;

TEST(CrossEntropy, IsTheLogarithmOfTheClassesWhereAllAreAlike) {
  const auto logits = tensor_of<double, 2>({1, 4}, {7, 7, 7, 7});
  const std::vector<std::int64_t> target{2};
  EXPECT_NEAR(cross_entropy<double>(logits.view(), target, std::nullopt), std::log(4.0), 1e-15);
}

TEST(CrossEntropy, IsTheMeanOverTheTargets) {
  // Probabilities 1/4, 3/4 and 1/2, 1/2; the row in the middle has no target.
  const auto logits = tensor_of<double, 2>({3, 2}, {0, std::log(3.0), 5, -5, 1, 1});
  const std::vector<std::int64_t> targets{0, no_target, 1};
  EXPECT_NEAR(cross_entropy<double>(logits.view(), targets, std::nullopt), (std::log(4.0) + std::log(2.0)) / 2, 1e-15);
}

TEST(CrossEntropy, IsTheSumOverTheItemsOfABatchWhereTheirNumberIsGiven) {
  const auto logits = tensor_of<double, 2>({2, 2}, {0, std::log(3.0), 1, 1});
  const std::vector<std::int64_t> targets{0, 1};
  EXPECT_NEAR(cross_entropy<double>(logits.view(), targets, 8), (std::log(4.0) + std::log(2.0)) / 8, 1e-15);
  const std::vector<std::int64_t> none{no_target, no_target};
  EXPECT_EQ(cross_entropy<double>(logits.view(), none, 8), 0.0);
}

TEST(CrossEntropy, DoesNotOverflow) {
  const auto logits = tensor_of<float, 2>({1, 2}, {3000, -3000});
  const std::vector<std::int64_t> first{0};
  const std::vector<std::int64_t> second{1};
  EXPECT_EQ(cross_entropy<float>(logits.view(), first, std::nullopt), 0.0);
  EXPECT_EQ(cross_entropy<float>(logits.view(), second, std::nullopt), 6000.0);
}

TEST(MeanSquaredError, IsTheMeanOfAllSquares) {
  const std::vector<double> x{1, 2, 3, 4};
  const std::vector<float> targets{1, 0, 6, 5};
  EXPECT_EQ(mean_squared_error<double>(x, targets), (0.0 + 4 + 9 + 1) / 4);
}

TEST(BinaryCrossEntropy, IsTheLogarithmOfTwoWhereNothingIsKnown) {
  const std::vector<double> x{0, 0};
  const std::vector<float> targets{0, 1};
  EXPECT_NEAR(binary_cross_entropy_with_logits<double>(x, targets), std::log(2.0), 1e-15);
}

TEST(BinaryCrossEntropy, WeighsBothSidesByTheTarget) {
  // sigmoid(log 3) = 3/4: a quarter of log(4/3) and three quarters of log(4).
  const std::vector<double> x{std::log(3.0)};
  const std::vector<float> target{0.25F};
  EXPECT_NEAR(binary_cross_entropy_with_logits<double>(x, target), 0.25 * std::log(4.0 / 3.0) + 0.75 * std::log(4.0),
              1e-15);
}

TEST(BinaryCrossEntropy, DoesNotOverflow) {
  const std::vector<float> x{3000, -3000};
  const std::vector<float> targets{0, 1};
  EXPECT_EQ(binary_cross_entropy_with_logits<float>(x, targets), 3000.0);
  const std::vector<float> right{1, 0};
  EXPECT_EQ(binary_cross_entropy_with_logits<float>(x, right), 0.0);
}

}  // namespace
}  // namespace assay::reference
