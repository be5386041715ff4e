// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Series made by hand, with steps where they are put.
#include "bench/statistics/steps.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace assay::bench {
namespace {

/// Adds `count` points around `level`, off by at most `noise` of it.
void add(std::vector<double>& series, double level, std::size_t count, double noise = 0.01) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = static_cast<double>(series.size());
    series.push_back(level * (1 + noise * std::sin(at * at + 3 * at)));
  }
}

TEST(Steps, ALevelSeriesHasNone) {
  std::vector<double> series;
  EXPECT_TRUE(find_steps(series).empty());
  add(series, 2, 3);
  EXPECT_TRUE(find_steps(series).empty());
  add(series, 2, 197, 0.05);
  EXPECT_TRUE(find_steps(series).empty());
  EXPECT_TRUE(find_steps(std::vector<double>(60, 1.5)).empty());
}

TEST(Steps, AChangeOfLevelIsFoundWhereItIs) {
  std::vector<double> series;
  add(series, 1, 20);
  add(series, 1.1, 15);
  const std::vector<Step> steps = find_steps(series);
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].place, 20U);
  EXPECT_NEAR(steps[0].ratio, 1.1, 0.01);
  EXPECT_LT(steps[0].p, 1e-6);
}

TEST(Steps, ThereAndBackAreTwo) {
  std::vector<double> series;
  add(series, 1, 15);
  add(series, 0.9, 12);
  add(series, 1, 20);
  const std::vector<Step> steps = find_steps(series);
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].place, 15U);
  EXPECT_NEAR(steps[0].ratio, 0.9, 0.01);
  EXPECT_EQ(steps[1].place, 27U);
  EXPECT_NEAR(steps[1].ratio, 1 / 0.9, 0.01);
}

TEST(Steps, OnePointIsNone) {
  std::vector<double> series;
  add(series, 1, 20);
  series.push_back(1.5);
  add(series, 1, 20);
  EXPECT_TRUE(find_steps(series).empty());
}

TEST(Steps, SmallOnesAreLeftOut) {
  std::vector<double> series;
  add(series, 1, 25, 0.001);
  add(series, 1.02, 25, 0.001);
  EXPECT_TRUE(find_steps(series).empty());
  ASSERT_EQ(find_steps(series, {.magnitude = 0.01}).size(), 1U);
}

TEST(Steps, UnlikelyOnesAreLeftOut) {
  std::vector<double> series;
  add(series, 1, 8, 0.1);
  add(series, 1.05, 8, 0.1);
  EXPECT_TRUE(find_steps(series).empty());
}

TEST(Steps, LongSeriesAreLookedAtInWindows) {
  std::vector<double> series;
  add(series, 1, 100);
  add(series, 1.06, 75);
  add(series, 1.2, 130);
  const std::vector<Step> steps = find_steps(series);
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].place, 100U);
  EXPECT_EQ(steps[1].place, 175U);
  EXPECT_NEAR(steps[1].ratio, 1.2 / 1.06, 0.01);
}

TEST(Steps, LevelsWithoutNoiseAreToldApart) {
  const std::vector<Step> steps = find_steps(std::vector<double>{1, 1, 1, 1, 2, 2, 2, 2});
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].place, 4U);
  EXPECT_EQ(steps[0].p, 0);
}

}  // namespace
}  // namespace assay::bench
