// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "selftest/usual_aggregates.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace assay::test {
namespace {

using selftest::Aggregate;
using selftest::all_aggregates;
using selftest::passes;

const std::vector<double> expected{3.0, 4.0, 0.0, 0.0};

TEST(UsualAggregates, LetEqualTensorsPassAllZeroOnesToo) {
  const std::vector<double> zeros(4, 0.0);
  for (const Aggregate aggregate : all_aggregates) {
    EXPECT_TRUE(passes(aggregate, expected, expected)) << name(aggregate);
    EXPECT_TRUE(passes(aggregate, zeros, zeros)) << name(aggregate);
    EXPECT_FALSE(passes(aggregate, expected, zeros)) << name(aggregate);
    EXPECT_FALSE(passes(aggregate, zeros, expected)) << name(aggregate);
  }
}

TEST(UsualAggregates, LetNoNaNPass) {
  const std::vector<double> actual{3.0, 4.0, std::nan(""), 0.0};
  for (const Aggregate aggregate : all_aggregates) EXPECT_FALSE(passes(aggregate, expected, actual)) << name(aggregate);
}

TEST(UsualAggregates, TheCosineIsBlindToAFactor) {
  const std::vector<double> twice{6.0, 8.0, 0.0, 0.0};
  EXPECT_TRUE(passes(Aggregate::cosine, expected, twice));
  EXPECT_FALSE(passes(Aggregate::nmse, expected, twice));
  // cos = 25 / (5 sqrt(25 + x^2)) is 0.99 at x = 0.7124.
  EXPECT_TRUE(passes(Aggregate::cosine, expected, std::vector<double>{3.0, 4.0, 0.71, 0.0}));
  EXPECT_FALSE(passes(Aggregate::cosine, expected, std::vector<double>{3.0, 4.0, 0.72, 0.0}));
}

TEST(UsualAggregates, TheNmseIsTheSquareOfTheRelativeError) {
  // 1e-6 of ||expected||^2 = 25 is 0.005^2.
  EXPECT_TRUE(passes(Aggregate::nmse, expected, std::vector<double>{3.0, 4.0, 0.00499, 0.0}));
  EXPECT_FALSE(passes(Aggregate::nmse, expected, std::vector<double>{3.0, 4.0, 0.00501, 0.0}));
}

TEST(UsualAggregates, AllcloseAllowsEachElementATolerancePlusAPartOfItself) {
  EXPECT_TRUE(passes(Aggregate::allclose_1e_3, expected, std::vector<double>{3.0039, 4.0, 0.0, 0.0}));
  EXPECT_FALSE(passes(Aggregate::allclose_1e_3, expected, std::vector<double>{3.0041, 4.0, 0.0, 0.0}));
  EXPECT_FALSE(passes(Aggregate::allclose_1e_3, expected, std::vector<double>{3.0, 4.0, 0.0011, 0.0}));
  EXPECT_TRUE(passes(Aggregate::allclose_1e_5, expected, std::vector<double>{3.000039, 4.0, 0.0, 0.0}));
  EXPECT_FALSE(passes(Aggregate::allclose_1e_5, expected, std::vector<double>{3.000041, 4.0, 0.0, 0.0}));
}

}  // namespace
}  // namespace assay::test
