// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/summary.hpp"

#include <gtest/gtest.h>

namespace assay::bench {
namespace {

TEST(BenchSummary, TheMedianIsTheMiddleOrTheMeanOfTheTwoThere) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median({7}), 7);
}

TEST(BenchSummary, QuantilesLieLinearlyBetweenValues) {
  EXPECT_EQ(quantile({4, 3, 2, 1}, 0), 1);
  EXPECT_EQ(quantile({4, 3, 2, 1}, 1), 4);
  EXPECT_EQ(quantile({4, 3, 2, 1}, 0.25), 1.75);  // numpy.quantile([1, 2, 3, 4], 0.25)
  EXPECT_EQ(quantile({10, 20}, 0.9), 19);
}

TEST(BenchSummary, MeanDeviationAndSpread) {
  EXPECT_EQ(mean(std::vector<double>{2, 4, 9}), 5);
  EXPECT_EQ(standard_deviation(std::vector<double>{1, 3, 5}), 2);
  EXPECT_EQ(standard_deviation(std::vector<double>{3}), 0);
  EXPECT_EQ(spread({1, 2, 3, 4, 5}), 2.0 / 3);
}

}  // namespace
}  // namespace assay::bench
