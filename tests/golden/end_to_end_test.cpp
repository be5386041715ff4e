// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/end_to_end.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace assay::golden {
namespace {

TEST(KlDivergence, IsThatOfTheTextbook) {
  // p = (1/2, 1/2), q = (3/4, 1/4): KL = 1/2 ln(2/3) + 1/2 ln 2.
  const std::vector<double> p{0.0, 0.0};
  const std::vector<double> q{std::log(3.0), 0.0};
  EXPECT_NEAR(kl_divergence(p, q), 0.5 * std::log(2.0 / 3.0) + 0.5 * std::log(2.0), 1e-15);
}

TEST(KlDivergence, KeepsItsDigitsWhereTheErrorIsFloat32Noise) {
  // Of two equally likely tokens, one off by d: KL = ln(cosh(d/2)) = d^2/8 and what is smaller by d^2.
  const double d = 1e-7;
  EXPECT_NEAR(kl_divergence(std::vector{1.0, 1.0}, std::vector{1.0 + d, 1.0}), d * d / 8.0, 1e-9 * d * d);
}

TEST(KlDivergence, DoesNotSeeAConstantAddedToAllLogits) {
  EXPECT_NEAR(kl_divergence(std::vector{1.0, 2.0, 3.0}, std::vector{11.0, 12.0, 13.0}), 0.0, 1e-15);
}

TEST(KlDivergence, OfANaNIsNaN) {
  EXPECT_TRUE(
      std::isnan(kl_divergence(std::vector{1.0, 2.0}, std::vector{1.0, std::numeric_limits<double>::quiet_NaN()})));
}

TEST(EndToEnd, CountsRowsByTheirFirstChoice) {
  const std::vector<double> expected{3, 1, 2, /**/ 1.0, 1.001, 0, /**/ 5, 1, 1};
  const std::vector<double> actual{3, 1, 2, /**/ 1.002, 1.001, 0, /**/ 1, 5, 1};
  const EndToEnd end = end_to_end(expected, actual, 3, 0.001);
  EXPECT_EQ(end.rows, 3U);
  EXPECT_EQ(end.top1_same, 1U);
  EXPECT_EQ(end.top1_ties, 1U);  // the two are 0.001 apart, and each may be off by as much
  EXPECT_EQ(end.top1_wrong, 1U);
  EXPECT_GT(end.kl_max, 1.0);
  EXPECT_NEAR(end.kl_mean, end.kl_max / 3.0, 1e-6);
}

TEST(EndToEnd, OfNoRowsIsNothing) { EXPECT_EQ(end_to_end({}, {}, 3, 0.1).rows, 0U); }

}  // namespace
}  // namespace assay::golden
