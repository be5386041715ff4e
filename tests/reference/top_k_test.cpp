// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/top_k.hpp"

#include <cmath>

#include "tests/reference/numbers.hpp"

namespace assay::reference {
namespace {

using test::expect_near;
using test::tensor_of;
using test::values_of;

std::vector<std::int64_t> experts_of(const std::vector<double>& logits, std::size_t count) {
  const Tensor<double, 1> input = tensor_of<double, 1>({logits.size()}, logits);
  Tensor<std::int64_t, 1> experts({count});
  top_k<double>(input.view(), experts.view());
  return values_of(experts);
}

std::vector<double> weights_of(const std::vector<double>& logits, const std::vector<std::int64_t>& experts) {
  const Tensor<double, 1> input = tensor_of<double, 1>({logits.size()}, logits);
  const Tensor<std::int64_t, 1> chosen = tensor_of<std::int64_t, 1>({experts.size()}, experts);
  Tensor<double, 1> weights({experts.size()});
  top_k_weights<double>(input.view(), chosen.view(), weights.view());
  return values_of(weights);
}

TEST(TopK, NamesTheLargestInDescendingOrder) {
  EXPECT_EQ(experts_of({1, 5, -3, 4, 2}, 3), (std::vector<std::int64_t>{1, 3, 4}));
  EXPECT_EQ(experts_of({-1, -5, -3}, 3), (std::vector<std::int64_t>{0, 2, 1}));
}

TEST(TopK, TakesTheLowestExpertAmongEquals) {
  EXPECT_EQ(experts_of({1, 5, 3, 5, 5}, 2), (std::vector<std::int64_t>{1, 3}));
  EXPECT_EQ(experts_of({0, 0, 0, 0}, 3), (std::vector<std::int64_t>{0, 1, 2}));
}

TEST(TopKWeights, AreASoftmaxOverTheChosenAlone) {
  // The logit 50 is not chosen and does not count.
  expect_near(weights_of({50, std::log(3.0), 0}, {1, 2}), {0.75, 0.25}, 1e-15);
}

TEST(TopKWeights, SumToOne) {
  double sum = 0;
  for (const double weight : weights_of({0.3, -1.2, 2.5, 0.9, 1.1}, {2, 4, 3, 0})) sum += weight;
  EXPECT_NEAR(sum, 1.0, 1e-15);
}

TEST(TopKWeights, StandLogitsTooLargeForTheExponential) {
  EXPECT_EQ(weights_of({1000, 1000, -1000}, {0, 1}), (std::vector<double>{0.5, 0.5}));
}

TEST(TopKWeights, FollowExpertsThatAreNotTheLargest) {
  expect_near(weights_of({0, std::log(3.0), 9}, {0, 1}), {0.25, 0.75}, 1e-15);
}

}  // namespace
}  // namespace assay::reference
