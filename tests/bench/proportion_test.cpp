// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/proportion.hpp"

#include <gtest/gtest.h>

namespace assay::bench {
namespace {

TEST(ProportionInterval, IsThatOfClopperAndPearson) {
  // scipy.stats.binomtest(2, 40).proportion_ci(0.95, "exact")
  EXPECT_NEAR(proportion_interval(2, 40).low, 0.006113646599346682, 1e-12);
  EXPECT_NEAR(proportion_interval(2, 40).high, 0.16919686395941763, 1e-12);
}

TEST(ProportionInterval, OfNoHitsBeginsAtZeroAndOfAllEndsAtOne) {
  EXPECT_EQ(proportion_interval(0, 40).low, 0);
  EXPECT_NEAR(proportion_interval(0, 40).high, 0.08809730287880335, 1e-12);
  EXPECT_NEAR(proportion_interval(40, 40).low, 1 - 0.08809730287880335, 1e-12);
  EXPECT_EQ(proportion_interval(40, 40).high, 1);
}

}  // namespace
}  // namespace assay::bench
