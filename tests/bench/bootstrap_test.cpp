// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/bootstrap.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace assay::bench {
namespace {

using Values = std::vector<double>;

/// 1, 2^1.5, 3^1.5, ...: lopsided, and each value is known again.
Values powers(int count) {
  Values values;
  for (int i = 1; i <= count; ++i) values.push_back(std::pow(i, 1.5));
  return values;
}

TEST(Bootstrap, HasThePercentilesOfManyMedians) {
  // scipy.stats.bootstrap((x,), numpy.median, n_resamples=20000, method="percentile"): the 8th and the 18th of 25
  const Interval interval = median_interval(in_launches(powers(25), 1));
  EXPECT_EQ(interval.low, std::pow(8, 1.5));
  EXPECT_EQ(interval.high, std::pow(18, 1.5));
}

TEST(Bootstrap, CorrectsFewValuesForBiasAndAcceleration) {
  // scipy with method="BCa": the 4th and the 10th of 13
  const Interval interval = median_interval(in_launches(powers(13), 1));
  EXPECT_EQ(interval.low, std::pow(4, 1.5));
  EXPECT_EQ(interval.high, std::pow(10, 1.5));
  // Of 18 scipy's lie a little below its percentiles.
  const Launches lopsided = in_launches(powers(18), 1);
  EXPECT_LT(median_interval(lopsided).high, median_interval(lopsided, {.corrected_below = 0}).high);
}

TEST(Bootstrap, GivesTheSameIntervalEveryTime) {
  const Launches values = in_launches(powers(12), 1);
  EXPECT_EQ(median_interval(values).low, median_interval(values).low);
  EXPECT_EQ(median_interval(values).high, median_interval(values).high);
}

TEST(Bootstrap, OfOneValueIsThatValue) {
  const Interval interval = median_interval(in_launches(Values{3}, 1));
  EXPECT_EQ(interval.low, 3);
  EXPECT_EQ(interval.high, 3);
}

TEST(Bootstrap, IsNotMovedByOneWildValue) {
  Values values = powers(21);
  const double high = median_interval(in_launches(values, 1)).high;
  values.back() = 1e9;
  EXPECT_EQ(median_interval(in_launches(values, 1)).high, high);
}

TEST(Bootstrap, DrawsWholeLaunchesWhereTheyDiffer) {
  // Four launches of eight equal values each: alone, a value says nothing that its launch does not.
  Values values;
  for (const double launch : {1.0, 2.0, 3.0, 4.0}) values.insert(values.end(), 8, launch);
  const Interval alone = median_interval(in_launches(values, 1));
  const Interval launches = median_interval(in_launches(values, 8));
  EXPECT_GE(alone.low, 2);
  EXPECT_LE(alone.high, 3);
  EXPECT_LT(launches.low, 2);
  EXPECT_GT(launches.high, 3);
}

TEST(Launches, AreConsecutiveAndTheLastMayBeSmaller) {
  EXPECT_EQ(in_launches(Values{1, 2, 3, 4, 5}, 2), (Launches{{1, 2}, {3, 4}, {5}}));
  EXPECT_EQ(in_launches(Values{1, 2, 3}, 3), (Launches{{1}, {2}, {3}}));  // one launch alone tells nothing of launches
  EXPECT_EQ(in_launches(Values{1, 2, 3}, 1), (Launches{{1}, {2}, {3}}));
}

TEST(Bootstrap, OfADifferenceDrawsBothSides) {
  const Launches base = in_launches(powers(30), 1);
  const Interval none = median_difference_interval(base, base);
  EXPECT_LT(none.low, 0);
  EXPECT_GT(none.high, 0);
  const Interval all = median_difference_interval(in_launches(Values(9, 2.0), 1), in_launches(Values(7, 5.0), 1));
  EXPECT_EQ(all.low, 3);
  EXPECT_EQ(all.high, 3);
}

TEST(Bootstrap, OfADifferenceIsWiderThanThatOfOneSide) {
  const Launches values = in_launches(powers(30), 1);
  const Interval one = median_interval(values);
  const Interval difference = median_difference_interval(values, values);
  EXPECT_GT(difference.high - difference.low, one.high - one.low);
}

}  // namespace
}  // namespace assay::bench
