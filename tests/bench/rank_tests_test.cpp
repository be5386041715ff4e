// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Numbers of printed tables, and some that scipy gives.
#include "bench/statistics/rank_tests.hpp"

#include <gtest/gtest.h>

namespace assay::bench {
namespace {

using Values = std::vector<double>;

TEST(Wilcoxon, SixOfSixOnOneSideIsTwoWaysOfSixtyFour) {
  EXPECT_DOUBLE_EQ(wilcoxon_p(Values{1, 2, 3, 4, 5, 6}), 2.0 / 64);
  EXPECT_DOUBLE_EQ(wilcoxon_p(Values{-1, -2, -3, -4, -5, -6}), 2.0 / 64);
}

TEST(Wilcoxon, HasTheCriticalValuesOfTheTables) {
  // Of n = 8 the table has 3 for 5 %, of n = 10 it has 8: the smaller rank sum that just counts.
  EXPECT_DOUBLE_EQ(wilcoxon_p(Values{1, 2, -3, 4, 5, 6, 7, 8}), 2 * 5.0 / 256);
  EXPECT_DOUBLE_EQ(wilcoxon_p(Values{1, 2, 3, -4, 5, 6, 7, 8}), 2 * 7.0 / 256);
  EXPECT_LT(wilcoxon_p(Values{1, 2, 3, 4, 5, 6, 7, -8, 9, 10}), 0.05);
  EXPECT_GT(wilcoxon_p(Values{1, 2, 3, 4, 5, 6, 7, 8, -9, 10}), 0.05);
}

TEST(Wilcoxon, LeavesZerosOut) {
  EXPECT_EQ(wilcoxon_p(Values{1, 0, 2, 3, 0, 4, 5, 6}), wilcoxon_p(Values{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(wilcoxon_p(Values{0, 0, 0}), 1);
  EXPECT_EQ(wilcoxon_p(Values{}), 1);
}

TEST(Wilcoxon, NeverExceedsOne) { EXPECT_EQ(wilcoxon_p(Values{1, 2, -3}), 1); }

TEST(Wilcoxon, CorrectsForTiesAndContinuity) {
  // scipy.stats.wilcoxon(x, correction=True, method="approx")
  EXPECT_NEAR(wilcoxon_p(Values{1, 1, 2, 2, -1, 3, 3, 4, -2, 5}), 0.04030513050073345, 1e-12);
}

TEST(Wilcoxon, IsTakenFromTheNormalDistributionForManyDifferences) {
  Values differences;
  for (int i = 1; i <= 30; ++i) differences.push_back(i % 3 == 0 ? -i : i);
  EXPECT_NEAR(wilcoxon_p(differences), 0.1681789797233525, 1e-12);
}

TEST(MannWhitney, CountsTheOrders) {
  EXPECT_DOUBLE_EQ(mann_whitney_p(Values{1, 2, 3, 4}, Values{5, 6, 7, 8}), 2.0 / 70);
  EXPECT_DOUBLE_EQ(mann_whitney_p(Values{5, 6, 7, 8}, Values{1, 2, 3, 4}), 2.0 / 70);
  // U = 2 of 5 and 5, the critical value of the tables for 5 %
  EXPECT_DOUBLE_EQ(mann_whitney_p(Values{1, 2, 3, 4, 7}, Values{5, 6, 8, 9, 10}), 2 * 4.0 / 252);
}

TEST(MannWhitney, CorrectsForTiesAndContinuity) {
  // scipy.stats.mannwhitneyu(x, y, method="asymptotic")
  EXPECT_NEAR(mann_whitney_p(Values{1, 2, 2, 3, 5}, Values{2, 4, 5, 6, 7, 8}), 0.06476896969888761, 1e-12);
  EXPECT_EQ(mann_whitney_p(Values{3, 3}, Values{3, 3, 3}), 1);
  EXPECT_EQ(mann_whitney_p(Values{}, Values{1}), 1);
}

TEST(Holm, MultipliesTheSmallestByAllTheNextByOneLess) {
  EXPECT_EQ(holm(Values{0.01, 0.04, 0.03, 0.5}), (Values{0.04, 0.09, 0.09, 0.5}));
  EXPECT_EQ(holm(Values{0.6, 0.7}), (Values{1, 1}));
  EXPECT_EQ(holm(Values{}), Values{});
}

}  // namespace
}  // namespace assay::bench
