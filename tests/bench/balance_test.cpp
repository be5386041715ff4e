// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/result/balance.hpp"

#include <gtest/gtest.h>

namespace assay::bench {
namespace {

TEST(Balance, IsOneWhereAllExpertsHaveTheSame) {
  const std::optional<Balance> balance = balance_of({3, 3, 3});
  ASSERT_TRUE(balance);
  EXPECT_EQ(balance->busiest_over_even, 1);
  EXPECT_EQ(balance->busiest, 0U);
  EXPECT_EQ(balance->unused, 0U);
}

TEST(Balance, ComparesTheBusiestExpertWithAnEvenShare) {
  const std::optional<Balance> balance = balance_of({1, 6, 0, 5});
  ASSERT_TRUE(balance);
  EXPECT_EQ(balance->tokens, 12U);
  EXPECT_EQ(balance->busiest_over_even, 2) << "6 of 12 for one of four";
  EXPECT_EQ(balance->busiest, 1U);
  EXPECT_EQ(balance->unused, 1U);
}

TEST(Balance, SaysNothingWithoutTokens) {
  EXPECT_FALSE(balance_of({}));
  EXPECT_FALSE(balance_of({0, 0}));
}

}  // namespace
}  // namespace assay::bench
