// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/bench/quantities.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace assay::reports {
namespace {

TEST(Quantities, TimesHaveThreeDigitsAndTheirUnit) {
  EXPECT_EQ(duration_text(0), "0 s");
  EXPECT_EQ(duration_text(8.12e-7), "812 ns");
  EXPECT_EQ(duration_text(1.234e-5), "12.3 us");
  EXPECT_EQ(duration_text(9.996e-4), "1.00 ms") << "never 1000 us";
  EXPECT_EQ(duration_text(0.0456), "45.6 ms");
  EXPECT_EQ(duration_text(123.4), "123 s");
  EXPECT_EQ(duration_text(NAN), "?");
}

TEST(Quantities, RatesHaveAPrefixOfTheThousands) {
  EXPECT_EQ(scaled_text(0, "B"), "0 B");
  EXPECT_EQ(scaled_text(999, "B"), "999 B");
  EXPECT_EQ(scaled_text(999.7, "B"), "1.00 kB");
  EXPECT_EQ(scaled_text(33.4e9, "B/s"), "33.4 GB/s");
  EXPECT_EQ(scaled_text(2e19, "FLOP"), "20000 PFLOP") << "there is no larger one";
  EXPECT_EQ(scaled_text(INFINITY, "FLOP"), "?");
  EXPECT_EQ(scaled_text(805e6, ""), "805 M");
  EXPECT_EQ(scaled_text(17, ""), "17") << "and no space after it";
}

TEST(Quantities, SharesHaveAsManyDigitsAsTheyDeserve) {
  EXPECT_EQ(percent_text(0), "0%");
  EXPECT_EQ(percent_text(0.00001), "<0.01%");
  EXPECT_EQ(percent_text(0.0003), "0.03%");
  EXPECT_EQ(percent_text(0.034), "3.4%");
  EXPECT_EQ(percent_text(0.344), "34%");
}

TEST(Quantities, ChangesHaveASignUpToDoubleAndHalf) {
  EXPECT_EQ(change_text(1.0), "0.0%");
  EXPECT_EQ(change_text(1.0981), "+9.8%");
  EXPECT_EQ(change_text(0.968), "-3.2%");
  EXPECT_EQ(change_text(2.414), "2.41x");
  EXPECT_EQ(change_text(0.25), "0.25x");
  EXPECT_EQ(change_text(NAN), "?");
}

TEST(Quantities, ProbabilitiesAreNeverZero) {
  EXPECT_EQ(probability_text(0.0344), "0.034");
  EXPECT_EQ(probability_text(1e-9), "<0.0001");
}

}  // namespace
}  // namespace assay::reports
