// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/load_balancing.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/reference/numbers.hpp"

namespace assay::reference {
namespace {

using test::tensor_of;

std::vector<Tensor<double, 2>> one_layer(const std::vector<double>& logits, std::size_t experts) {
  std::vector<Tensor<double, 2>> layers;
  layers.push_back(tensor_of<double, 2>({logits.size() / experts, experts}, logits));
  return layers;
}

TEST(LoadBalancingLoss, IsTheNumberOfChosenExpertsWhereTheLoadIsEven) {
  // Four tokens, each with another favourite of probability 1/2; the others share the rest evenly.
  const double favourite = std::log(3.0);
  const auto layers = one_layer({favourite, 0, 0, 0,  //
                                 0, favourite, 0, 0,  //
                                 0, 0, favourite, 0,  //
                                 0, 0, 0, favourite},
                                4);
  EXPECT_NEAR(load_balancing_loss<double>(layers, 1, {}), 1.0, 1e-15);
  EXPECT_NEAR(load_balancing_loss<double>(layers, 4, {}), 4.0, 1e-15);
}

TEST(LoadBalancingLoss, IsTheProbabilityTimesTheExpertsWhereOneTakesAll) {
  // Both tokens choose expert 1, of probability 3/4: f = (0, 1), q = (1/4, 3/4), 2 * 3/4.
  const auto layers = one_layer({0, std::log(3.0), 0, std::log(3.0)}, 2);
  EXPECT_NEAR(load_balancing_loss<double>(layers, 1, {}), 1.5, 1e-15);
}

TEST(LoadBalancingLoss, LeavesOutTheTokensThatTheMaskHides) {
  // Of the three tokens the second is hidden: f = (1/2, 1/2), q = ((1/4 + 3/4) / 2, ...): perfectly even.
  const std::vector<std::int64_t> mask{1, 0, 1};
  const auto layers = one_layer({0, std::log(3.0), 0, 50, std::log(3.0), 0}, 2);
  EXPECT_NEAR(load_balancing_loss<double>(layers, 1, mask), 1.0, 1e-15);
  EXPECT_GT(load_balancing_loss<double>(layers, 1, {}), 1.1);
}

TEST(LoadBalancingLoss, SumsOverAllLayersBeforeItMultiplies) {
  // Each layer alone is as uneven as can be; together they are even.
  std::vector<Tensor<double, 2>> layers = one_layer({0, 50}, 2);
  EXPECT_NEAR(load_balancing_loss<double>(layers, 1, {}), 2.0, 1e-15);
  layers.push_back(tensor_of<double, 2>({1, 2}, {50, 0}));
  EXPECT_NEAR(load_balancing_loss<double>(layers, 1, {}), 1.0, 1e-15);
  const std::vector<std::int64_t> mask{1};
  EXPECT_NEAR(load_balancing_loss<double>(layers, 1, mask), 1.0, 1e-15) << "the mask is that of every layer";
}

}  // namespace
}  // namespace assay::reference
