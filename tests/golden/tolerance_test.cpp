// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The formula by numbers that can be checked by hand, and the table as it is meant to be.
#include "golden/judge/tolerance.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace assay::golden {
namespace {

using Numbers = std::vector<double>;

TEST(ToleranceTable, IsTheOneWhoseReasonsAreWrittenDown) {
  const Tolerances table;
  EXPECT_EQ(table.f64_small, 1e-12);
  EXPECT_EQ(table.f64_published, 1e-11);
  EXPECT_EQ(table.noise_ratio_l2, 2.0);
  EXPECT_EQ(table.noise_ratio_max, 4.0);
  EXPECT_EQ(table.small_sample, 3.0);
  EXPECT_EQ(table.floor_ulps, 4.0);
  EXPECT_EQ(table.without_truth, 1e-5);
  EXPECT_EQ(table.constant_ulps, 1.0);
}

TEST(Tolerance, AFloat64EngineMayBeAFixedFractionOfTheNormsOff) {
  const Limits limits = limits_f64({}, ModelSize::small, Numbers{3, -4});
  EXPECT_DOUBLE_EQ(limits.l2, 5e-12);
  EXPECT_DOUBLE_EQ(limits.max_abs, 4e-12);
  EXPECT_DOUBLE_EQ(limits_f64({}, ModelSize::published, Numbers{3, -4}).l2, 5e-11);
}

TEST(Tolerance, AModelIsPublishedSizeAboveAHundredMillionWeights) {
  EXPECT_EQ(model_size({}, 100'000'000), ModelSize::small);
  EXPECT_EQ(model_size({}, 100'000'001), ModelSize::published);
}

TEST(Tolerance, AFloat32EngineMayBeAMultipleOfTransformersOwnNoiseOff) {
  // n = 9: the sample factor is 1 + 3/3 = 2. Noise (0.3 in one element): ||noise|| = max = 0.3.
  Numbers expected(9, 1.0);
  Numbers hf32 = expected;
  hf32[4] += 0x1p-20;
  const Limits limits = limits_f32({}, expected, hf32);
  EXPECT_DOUBLE_EQ(limits.l2, 2.0 * 2.0 * 0x1p-20);
  EXPECT_DOUBLE_EQ(limits.max_abs, 4.0 * 2.0 * 0x1p-20);
}

TEST(Tolerance, TheSampleFactorFallsWithTheRootOfTheCount) {
  Numbers expected(900, 1.0);
  Numbers hf32 = expected;
  hf32[0] += 0x1p-17;
  EXPECT_DOUBLE_EQ(limits_f32({}, expected, hf32).l2, 2.0 * 1.1 * 0x1p-17);
  EXPECT_DOUBLE_EQ(limits_f32({}, Numbers{1.0}, Numbers{1.0 + 0x1p-17}).l2, 2.0 * 4.0 * 0x1p-17);
}

TEST(Tolerance, ANarrowTensorTakesTheNoiseOfItsSite) {
  const Numbers expected{3, -4};
  const Limits limits = limits_f32({}, expected, expected, PooledYardstick{1e-6, 4.0});
  const double sample = 1.0 + 3.0 / 2.0;
  EXPECT_DOUBLE_EQ(limits.l2, 2.0 * sample * (1e-6 * 5));
  EXPECT_DOUBLE_EQ(limits.max_abs, 4.0 * sample * (1e-6 * 4));
}

TEST(Tolerance, NoErrorOfTransformersAllowsMoreThanTheCeiling) {
  const Limits limits = limits_f32({}, Numbers{3, -4}, Numbers{3, 400});
  EXPECT_DOUBLE_EQ(limits.l2, 1e-4 * 5);
  EXPECT_DOUBLE_EQ(limits.max_abs, 1e-4 * 4);
}

TEST(Tolerance, AnExactTransformersIsNoYardstick) {
  const Numbers expected{3, -4};
  const Limits limits = limits_f32({}, expected, expected);
  EXPECT_DOUBLE_EQ(limits.l2, 4 * 0x1p-23 * 5);
  EXPECT_DOUBLE_EQ(limits.max_abs, 4 * 0x1p-23 * 4);
}

TEST(Tolerance, OfNoiseAndFloorTheLargerCounts) {
  Numbers expected(9, 1.0);
  Numbers hf32 = expected;
  hf32[0] += 1e-9;  // far below the floor
  EXPECT_DOUBLE_EQ(limits_f32({}, expected, hf32).l2, 4 * 0x1p-23 * 3);
}

TEST(Tolerance, WithoutATruthTheLimitIsAFixedFraction) {
  const Limits limits = limits_without_truth({}, Numbers{3, -4});
  EXPECT_DOUBLE_EQ(limits.l2, 5e-5);
  EXPECT_DOUBLE_EQ(limits.max_abs, 4e-5);
}

TEST(Tolerance, AConstantMayBeOneUnitInTheLastPlaceOff) {
  EXPECT_DOUBLE_EQ(limits_constant({}, Numbers{1}).max_abs, 0x1p-23);
}

TEST(Tolerance, ASmallConstantIsHeldAgainstItsOwnSize) {
  const Numbers expected{1.0, 1e-6, 0.0};
  const Numbers near{1.0 + 0x1p-23, 1e-6 * (1.0 - 15.0 * 0x1p-23), 0.0};
  const Numbers off{1.0, 1e-6 * (1.0 + 17.0 * 0x1p-23), 0.0};
  const Numbers no_zero{1.0, 1e-6, 1e-30};
  const Numbers no_number{1.0, 1e-6, std::numeric_limits<double>::quiet_NaN()};
  EXPECT_EQ(first_wrong_constant({}, expected, near), std::nullopt);
  EXPECT_EQ(first_wrong_constant({}, expected, off), 1U);
  EXPECT_EQ(first_wrong_constant({}, expected, no_zero), 2U);
  EXPECT_EQ(first_wrong_constant({}, expected, no_number), 2U);
}

TEST(Tolerance, ZerosAreAllowedNoErrorAtAll) {
  const Numbers zeros(4, 0.0);
  EXPECT_EQ(limits_f64({}, ModelSize::small, zeros).max_abs, 0.0);
  EXPECT_EQ(limits_f32({}, zeros, zeros).max_abs, 0.0);
  EXPECT_EQ(limits_without_truth({}, zeros).l2, 0.0);
}

}  // namespace
}  // namespace assay::golden
