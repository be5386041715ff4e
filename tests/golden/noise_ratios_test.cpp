// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Ratios of a site of four rows and four columns of ones, whose noise is known exactly: each of the faults that norms
// of the whole cannot see must show in the measure that is made for it.
#include "golden/judge/noise_ratios.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace assay::golden {
namespace {

constexpr std::size_t side = 4;
constexpr double element_noise = 1e-6;

class NoiseRatios : public testing::Test {
 protected:
  NoiseRatios() : expected(side * side, 1.0), actual(expected) {
    lines.assign(side, static_cast<float>(2.0 * element_noise));  // sqrt(4) elements
    const double noise = 4.0 * element_noise;                     // sqrt(16)
    const double sample = sample_factor(table, 16);               // 1 + 3/4
    yardstick = {.noise = {.max_abs = 2.0 * element_noise, .rows = lines, .columns = lines},
                 .gates = {.tensor = 2.0, .row = 3.0, .column = 3.0, .largest = 4.0, .bias = 8.0},
                 .limits = {2.0 * sample * noise, 4.0 * sample * 2.0 * element_noise, 0.0},
                 .sample = sample,
                 .rows = 4.0,
                 .roundoff = 0x1p-24};
  }

  [[nodiscard]] NoiseRatio ratio(Measure measure, const Places& places = std::nullopt) const {
    for (const NoiseRatio& ratio :
         noise_ratios(table, site, yardstick, places, values_at(places, expected), values_at(places, actual))) {
      if (ratio.measure == measure) return ratio;
    }
    throw std::logic_error("no such measure");
  }

  const Tolerances table;
  const PlannedSite site{{Site::moe_out, LayerIndex{0}}, {1, side, side}};
  std::vector<double> expected;
  std::vector<double> actual;
  std::vector<float> lines;
  NoiseYardstick yardstick;
};

TEST_F(NoiseRatios, AreNothingWhereNothingIsOff) {
  for (const Measure measure : {Measure::tensor, Measure::row, Measure::column, Measure::largest, Measure::bias}) {
    EXPECT_EQ(ratio(measure).value, 0.0) << name(measure);
  }
}

TEST_F(NoiseRatios, AreOneForAnErrorLikeTheNoise) {
  for (std::size_t i = 0; i < actual.size(); ++i) actual[i] += i % 2 == 0 ? element_noise : -element_noise;
  EXPECT_NEAR(ratio(Measure::tensor).value, 1.0, 1e-6);
  EXPECT_NEAR(ratio(Measure::row).value, 1.0, 1e-6);
  EXPECT_NEAR(ratio(Measure::column).value, 1.0, 1e-6);
  EXPECT_NEAR(ratio(Measure::largest).value, 0.5, 1e-6);
  EXPECT_NEAR(ratio(Measure::bias).value, 0.0, 1e-6);
}

TEST_F(NoiseRatios, NameTheRowThatIsOff) {
  for (std::size_t channel = 0; channel < side; ++channel)
    actual[2 * side + channel] += channel % 2 == 0 ? 1e-5 : -1e-5;
  const NoiseRatio row = ratio(Measure::row);
  EXPECT_NEAR(row.value, 10.0, 1e-6);
  EXPECT_EQ(row.where, 2U);
  EXPECT_EQ(row.samples, side);
  EXPECT_DOUBLE_EQ(row.gate, 3.0 * (1.0 + 3.0 / 2.0));
  EXPECT_EQ(to_string(row), "row 2 of 4: 10 times the noise of transformers, 7.5 allowed");
}

TEST_F(NoiseRatios, NameTheColumnThatIsOff) {
  for (std::size_t token = 0; token < side; ++token) actual[token * side + 3] += token % 2 == 0 ? 1e-5 : -1e-5;
  EXPECT_NEAR(ratio(Measure::column).value, 10.0, 1e-6);
  EXPECT_EQ(ratio(Measure::column).where, 3U);
  EXPECT_NEAR(ratio(Measure::row).value, 5.0, 1e-6);
}

TEST_F(NoiseRatios, SeeOneFactorOverTheWholeTensorInTheBias) {
  for (double& value : actual) value *= 1.0 + element_noise;
  EXPECT_NEAR(ratio(Measure::tensor).value, 1.0, 1e-6);
  EXPECT_NEAR(ratio(Measure::bias).value, 4.0, 1e-6);  // sqrt(n) times a random error of the same norm
  EXPECT_DOUBLE_EQ(ratio(Measure::bias).gate, 8.0 * (1.0 + 3.0 / 2.0));  // of four rows
}

TEST_F(NoiseRatios, OfRowsThatAreNotJudgedCountNothing) {
  actual[0] = std::numeric_limits<double>::quiet_NaN();
  const Places behind{{4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};
  EXPECT_EQ(ratio(Measure::row, behind).value, 0.0);
  EXPECT_EQ(ratio(Measure::tensor, behind).value, 0.0);
}

TEST_F(NoiseRatios, OfANaNAreBroken) {
  actual[5] = std::numeric_limits<double>::quiet_NaN();
  const auto ratios = noise_ratios(table, site, yardstick, std::nullopt, expected, actual);
  ASSERT_NE(first_broken(ratios), nullptr);
  for (const NoiseRatio& broken : ratios) EXPECT_FALSE(broken.value <= broken.gate) << name(broken.measure);
}

TEST_F(NoiseRatios, OfARowThatMustBeExactAreInfinite) {
  for (std::size_t channel = 0; channel < side; ++channel) expected[channel] = actual[channel] = 0.0;
  lines[0] = 0.0F;
  yardstick.noise.rows = lines;
  actual[1] = 1e-30;
  EXPECT_EQ(ratio(Measure::row).value, std::numeric_limits<double>::infinity());
}

TEST_F(NoiseRatios, TakeALineToHaveHalfOfTheNoiseOfTheWhole) {
  lines[1] = 0.0F;  // transformers was right there in every run, by luck
  yardstick.noise.rows = lines;
  actual[side] += 1e-6;
  // Half of 1e-6 relative noise, times the norm of the row, 2.
  EXPECT_NEAR(ratio(Measure::row).value, 1.0, 1e-6);
}

TEST_F(NoiseRatios, SumTheNoiseOfTheRowsThatAreJudged) {
  EXPECT_NEAR(noise_l2(site, yardstick.noise, std::nullopt), 4e-6, 1e-12);
  EXPECT_NEAR(noise_l2(site, yardstick.noise, std::vector<std::size_t>{0, 1, 2, 3}), 2e-6, 1e-12);
}

}  // namespace
}  // namespace assay::golden
