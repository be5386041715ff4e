// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/phimoe_margins.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace assay::golden {
namespace {

TEST(PhimoeMargins, AreThoseOfTheFourDecisions) {
  const std::vector<double> logits{1.0, 4.0, 3.0, -2.0};
  const auto margins = phimoe_margins(logits, 0.25);
  EXPECT_DOUBLE_EQ(margins[0], 1.0);  // 4 - 3
  // Distances |(4 - s) - 0.5 f|: 3 has |1 - 2| = 1, 1 has |3 - 2| = 1, -2 has |6 - 2| = 4.
  EXPECT_DOUBLE_EQ(margins[1], 1.0 / 1.25);
  EXPECT_DOUBLE_EQ(margins[2], 2.0);  // 3 - 1
  // 1 has |2 - 1.5|, -2 has |5 - 1.5|.
  EXPECT_DOUBLE_EQ(margins[3], 0.5 / 1.25);
}

TEST(PhimoeMargins, OfTwoExpertsLeaveTheSecondChoiceNothingToDecide) {
  const auto margins = phimoe_margins(std::vector{2.0, 1.0}, 0.01);
  EXPECT_DOUBLE_EQ(margins[0], 1.0);
  EXPECT_EQ(margins[2], std::numeric_limits<double>::max());
  EXPECT_EQ(margins[3], std::numeric_limits<double>::max());
}

TEST(PhimoeMargins, OfATieAreZero) { EXPECT_EQ(phimoe_margins(std::vector{1.0, 1.0, 0.0}, 0.01)[0], 0.0); }

}  // namespace
}  // namespace assay::golden
