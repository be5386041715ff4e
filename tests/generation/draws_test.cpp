// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Expected values from Python's integers: mix(x) = the finaliser of SplitMix64 over x + 0x9e3779b97f4a7c15 mod 2^64,
// draw = (mix(mix(mix(seed) + row) + 0x9e3779b97f4a7c15 * step) >> 11) * 2.0**-53.
#include "generation/draws.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace assay::generation {
namespace {

TEST(SeededDraws, AreTheseNumbersOnEveryMachine) {
  EXPECT_EQ(SeededDraws(0).at(0, 0), 0x1.1c13ade1c7e5cp-3);
  EXPECT_EQ(SeededDraws(0).at(1, 0), 0x1.f1344acd6b045p-1);
  EXPECT_EQ(SeededDraws(0).at(0, 1), 0x1.2924d85d00396p-1);
  EXPECT_EQ(SeededDraws(42).at(3, 2), 0x1.1e57c1e32b86cp-1);
  EXPECT_EQ(SeededDraws(std::numeric_limits<std::uint64_t>::max()).at(1000, 7), 0x1.636af73e2231cp-3);
}

TEST(SeededDraws, OfAPromptDoNotDependOnTheBatch) {
  for (std::size_t step = 0; step < 3; ++step) EXPECT_EQ(SeededDraws(9).at(step, 4), SeededDraws(9, 4).at(step, 0));
}

TEST(SeededDraws, FillTheUnitIntervalEvenly) {
  std::vector<int> tenths(10);
  for (std::size_t step = 0; step < 10'000; ++step) {
    const double draw = SeededDraws(1).at(step, 0);
    ASSERT_GE(draw, 0.0);
    ASSERT_LT(draw, 1.0);
    ++tenths[static_cast<std::size_t>(draw * 10)];
  }
  // Six standard deviations of a binomial with p = 0.1.
  for (const int count : tenths) EXPECT_NEAR(count, 1000, 180);
}

TEST(GivenDraws, AreGiven) {
  const std::vector<double> uniform{0.1, 0.2, 0.3, 0.4, 0.5, 0.6};
  const GivenDraws draws(View<const double, 2>(uniform.data(), {3, 2}));
  EXPECT_EQ(draws.at(0, 1), 0.2);
  EXPECT_EQ(draws.at(2, 0), 0.5);
}

}  // namespace
}  // namespace assay::generation
