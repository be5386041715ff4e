// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/softmax.hpp"

#include <cmath>
#include <limits>

#include "tests/reference/numbers.hpp"

namespace assay::reference {
namespace {

using test::expect_near;
using test::tensor_of;
using test::values_of;

std::vector<double> softmax_of(const std::vector<double>& scores, const std::vector<std::uint8_t>& visible) {
  const Tensor<double, 1> input = tensor_of<double, 1>({scores.size()}, scores);
  const Tensor<std::uint8_t, 1> mask = tensor_of<std::uint8_t, 1>({visible.size()}, visible);
  Tensor<double, 1> probs({scores.size()});
  masked_softmax<double>(input.view(), mask.view(), probs.view());
  return values_of(probs);
}

TEST(MaskedSoftmax, WeighsByTheExponential) {
  expect_near(softmax_of({0, std::log(3.0)}, {1, 1}), {0.25, 0.75}, 1e-15);
}

TEST(MaskedSoftmax, GivesHiddenKeysExactlyZero) {
  const std::vector<double> probs = softmax_of({0, 100, std::log(3.0), 1e300}, {1, 0, 1, 0});
  expect_near(probs, {0.25, 0, 0.75, 0}, 1e-15);
  EXPECT_EQ(probs[1], 0.0);
  EXPECT_EQ(probs[3], 0.0);
}

TEST(MaskedSoftmax, StandsScoresTooLargeForTheExponential) {
  EXPECT_EQ(softmax_of({1000, 1000, -1000}, {1, 1, 1}), (std::vector<double>{0.5, 0.5, 0}));
  EXPECT_EQ(softmax_of({-1000, 5000}, {1, 0}), (std::vector<double>{1, 0}));
}

TEST(MaskedSoftmax, IsUniformOverAllKeysWhereNothingIsVisible) {
  EXPECT_EQ(softmax_of({1, 2, 3, 4}, {0, 0, 0, 0}), (std::vector<double>{0.25, 0.25, 0.25, 0.25}));
}

TEST(MaskedSoftmax, ShowsANotANumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double prob : softmax_of({nan, 1}, {1, 1})) EXPECT_TRUE(std::isnan(prob));
}

}  // namespace
}  // namespace assay::reference
