// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace assay::golden {
namespace {

using Numbers = std::vector<double>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

Metrics measured(const Numbers& expected, const Numbers& actual, const Shape& shape, double limit = 0.0,
                 Precision precision = Precision::f64) {
  return measure(Expected{expected}, Actual{actual}, shape, precision, limit);
}

TEST(Metrics, EqualValuesDifferNowhere) {
  const Metrics metrics = measured({3, -4}, {3, -4}, {2});
  EXPECT_EQ(metrics.elements, 2U);
  EXPECT_EQ(metrics.differing, 0U);
  EXPECT_EQ(metrics.max_abs, 0.0);
  EXPECT_EQ(metrics.rel_l2, 0.0);
  EXPECT_EQ(metrics.max_ulp, 0.0);
  EXPECT_DOUBLE_EQ(metrics.cosine, 1.0);
}

TEST(Metrics, CountErrorsInPowersOfFourOfTheLimit) {
  // Errors 0, 1/4, 1/2, 1, 3, 4 and a NaN, in units of the limit.
  const Metrics metrics = measured({0, 0, 0, 0, 0, 0, 0}, {0, 0.5, -1, 2, 6, -8, nan}, {7}, 2.0);
  EXPECT_EQ(metrics.equal, 1U);
  EXPECT_EQ(metrics.error_bins[limit_bin - 1], 2U);
  EXPECT_EQ(metrics.error_bins[limit_bin], 2U);
  EXPECT_EQ(metrics.error_bins[limit_bin + 1], 1U);
  EXPECT_EQ(metrics.error_bins.back(), 1U);
}

TEST(Metrics, PutsErrorsOfAnySizeIntoABin) {
  const Metrics metrics = measured({0, 0, 0}, {1e-300, 1e300, infinity}, {3}, 1.0);
  EXPECT_EQ(metrics.error_bins.front(), 1U);
  EXPECT_EQ(metrics.error_bins.back(), 2U);
  EXPECT_EQ(measured({1}, {2}, {1}, 0.0).error_bins.back(), 1U) << "beyond a limit of 0";
}

TEST(Metrics, AreThoseOfHandNumbers) {
  // Errors 0, 3, 4 against (0, 3, 4): ||error|| = 5, ||expected|| = 5.
  const Metrics metrics = measured({0, 3, 4}, {0, 6, 0}, {3}, 3.0);
  EXPECT_DOUBLE_EQ(metrics.rel_l2, 1.0);
  EXPECT_EQ(metrics.max_abs, 4.0);
  EXPECT_EQ(metrics.differing, 1U);  // 3 is within the limit, 4 is not
  EXPECT_EQ(metrics.worst_index, Shape{2});
  EXPECT_EQ(metrics.expected, 4.0);
  EXPECT_EQ(metrics.actual, 0.0);
  EXPECT_DOUBLE_EQ(metrics.cosine, 18.0 / 30.0);
}

TEST(Metrics, TheWorstIndexIsThatOfTheShape) {
  Numbers actual(24, 1.0);
  actual[17] = 2.0;  // [2, 3, 4]: 17 = 1*12 + 1*4 + 1
  EXPECT_EQ(measured(Numbers(24, 1.0), actual, {2, 3, 4}).worst_index, (Shape{1, 1, 1}));
}

TEST(Metrics, OfEqualErrorsTheFirstIsTheWorst) { EXPECT_EQ(measured({1, 1, 1}, {1, 2, 0}, {3}).worst_index, Shape{1}); }

TEST(Metrics, ANanMakesEveryFigureNanAndCountsAsDiffering) {
  const Metrics metrics = measured({1, 2, 3, 4}, {100, nan, 3, nan}, {4}, 1e300);
  EXPECT_TRUE(std::isnan(metrics.max_abs));
  EXPECT_TRUE(std::isnan(metrics.rel_l2));
  EXPECT_TRUE(std::isnan(metrics.max_ulp));
  EXPECT_TRUE(std::isnan(metrics.cosine));
  EXPECT_EQ(metrics.differing, 2U);
  EXPECT_EQ(metrics.worst_index, Shape{1});  // the first NaN, not the larger error before it
  EXPECT_TRUE(std::isnan(metrics.actual));
}

TEST(Metrics, AnInfinityIsInfinitelyFarAway) {
  const Metrics metrics = measured({1, 2}, {1, -infinity}, {2}, 1e300);
  EXPECT_EQ(metrics.max_abs, infinity);
  EXPECT_EQ(metrics.differing, 1U);
  EXPECT_FALSE(metrics.rel_l2 <= 1e300);
}

TEST(Metrics, SomethingWhereAllShouldBeZeroIsInfinitelyFarInRelativeNorm) {
  const Metrics metrics = measured({0, 0}, {0, 1e-30}, {2});
  EXPECT_EQ(metrics.rel_l2, infinity);
  EXPECT_EQ(metrics.cosine, 0.0);
}

TEST(Metrics, AllZeroOnBothSidesHasNoError) {
  const Metrics metrics = measured({0, 0}, {0, -0.0}, {2});
  EXPECT_EQ(metrics.rel_l2, 0.0);
  EXPECT_EQ(metrics.max_ulp, 0.0);
  EXPECT_EQ(metrics.cosine, 1.0);
}

TEST(Metrics, NoElementsHaveNoWorst) {
  const Metrics metrics = measured({}, {}, {0, 4});
  EXPECT_EQ(metrics.elements, 0U);
  EXPECT_TRUE(metrics.worst_index.empty());
}

TEST(Metrics, AnUlpIsThatOfThePrecision) {
  EXPECT_EQ(ulp(1.0, Precision::f64), 0x1p-52);
  EXPECT_EQ(ulp(-2.0, Precision::f64), 0x1p-51);
  EXPECT_EQ(ulp(1.0, Precision::f32), 0x1p-23);
  EXPECT_EQ(ulp(0.75, Precision::f32), 0x1p-24);
  EXPECT_DOUBLE_EQ(measured({1}, {1 + 3 * 0x1p-23}, {1}, 0.0, Precision::f32).max_ulp, 3.0);
  EXPECT_DOUBLE_EQ(measured({1}, {1 - 0x1p-52}, {1}).max_ulp, 1.0);
}

TEST(Metrics, AnErrorAtTheLimitIsWithinIt) {
  EXPECT_EQ(measured({1}, {1.5}, {1}, 0.5).differing, 0U);
  EXPECT_EQ(measured({1}, {1.5}, {1}, std::nextafter(0.5, 0.0)).differing, 1U);
}

TEST(Norms, AreThoseOfHandNumbers) {
  EXPECT_EQ(norm_l2(Numbers{3, -4}), 5.0);
  EXPECT_EQ(norm_max(Numbers{3, -4}), 4.0);
  EXPECT_EQ(norm_l2(Numbers{}), 0.0);
  EXPECT_EQ(norm_max(Numbers{}), 0.0);
}

TEST(Norms, ANanIsTheLargestWhereverItStands) {
  EXPECT_TRUE(std::isnan(norm_max(Numbers{nan, 1})));
  EXPECT_TRUE(std::isnan(norm_max(Numbers{1, nan})));
  EXPECT_TRUE(std::isnan(norm_l2(Numbers{1, nan})));
}

TEST(Norms, TheSquaresOfTheLargestFloatsDoNotOverflow) {
  const auto largest = static_cast<double>(std::numeric_limits<float>::max());
  EXPECT_DOUBLE_EQ(norm_l2(Numbers{largest, largest}), largest * std::sqrt(2.0));
}

}  // namespace
}  // namespace assay::golden
