// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/routing.hpp"

#include <gtest/gtest.h>

namespace assay::golden {
namespace {

using Experts = std::vector<std::int64_t>;
using Numbers = std::vector<double>;
using enum Decision;

/// One token; the logit of expert e is -0.01 e, so that only neighbours are close.
Decision decide(const Experts& expected, const Experts& actual, double margin, double logit_limit, SlotOrder order) {
  Numbers logits(8);
  for (std::size_t e = 0; e < logits.size(); ++e) logits[e] = -0.01 * static_cast<double>(e);
  const Numbers margins{margin};
  return compare_experts({expected, logits, margins}, actual, logit_limit, order).front();
}

TEST(Routing, TheSlotsOfGraniteAreASet) {
  EXPECT_EQ(decide({4, 1, 7}, {7, 4, 1}, 1.0, 0.0, SlotOrder::free), same);
  EXPECT_EQ(decide({4, 1, 7}, {4, 1, 6}, 1.0, 0.0, SlotOrder::free), wrong);
}

TEST(Routing, TheOrderOfPhimoesTwoExpertsCounts) {
  EXPECT_EQ(decide({4, 1}, {4, 1}, 1.0, 0.0, SlotOrder::significant), same);
  EXPECT_EQ(decide({4, 1}, {1, 4}, 1.0, 0.0, SlotOrder::significant), wrong);
}

TEST(Routing, AnotherDecisionIsATieOnlyWithinItsMargin) {
  EXPECT_EQ(decide({4, 1}, {4, 2}, 0.02, 0.01, SlotOrder::free), tie);  // 2 * 0.01 reaches 0.02
  EXPECT_EQ(decide({4, 1}, {4, 2}, 0.0201, 0.01, SlotOrder::free), wrong);
  EXPECT_EQ(decide({1, 2}, {2, 1}, 0.02, 0.01, SlotOrder::significant), tie);
  EXPECT_EQ(decide({1, 2}, {2, 1}, 0.0201, 0.01, SlotOrder::significant), wrong);
}

TEST(Routing, TheSameDecisionIsNoTieHoweverSmallTheMargin) {
  EXPECT_EQ(decide({4, 1}, {1, 4}, 0.0, 1.0, SlotOrder::free), same);
}

TEST(Routing, OneExpertTwiceIsWrongHoweverSmallTheMargin) {
  EXPECT_EQ(decide({4, 1}, {4, 4}, 0.0, 1.0, SlotOrder::free), wrong);
  EXPECT_EQ(decide({4, 1}, {4, 4}, 0.0, 1.0, SlotOrder::significant), wrong);
}

TEST(Routing, AnExpertThatDoesNotExistIsWrongHoweverSmallTheMargin) {
  EXPECT_EQ(decide({4, 1}, {4, 8}, 0.0, 1.0, SlotOrder::free), wrong);
  EXPECT_EQ(decide({4, 1}, {4, -1}, 0.0, 1.0, SlotOrder::free), wrong);
}

TEST(Routing, AnExpertFarBehindIsWrongHoweverSmallTheMargin) {
  // Expert 1 and 2 are 0.01 apart, as the margin says; 7 is 0.06 behind 1.
  EXPECT_EQ(decide({0, 1}, {0, 2}, 0.01, 0.006, SlotOrder::free), tie);
  EXPECT_EQ(decide({0, 1}, {0, 7}, 0.01, 0.006, SlotOrder::free), wrong);
  EXPECT_EQ(decide({0, 1}, {2, 0}, 0.01, 0.006, SlotOrder::free), tie);
  EXPECT_EQ(decide({0, 1}, {7, 0}, 0.01, 0.006, SlotOrder::significant), wrong);
}

TEST(Routing, TokensAreDecidedOneByOne) {
  const Experts expected{0, 1, 2, 3, 4, 5};
  const Numbers margin{1, 0.01, 1};
  const Numbers logits(3 * 7, 0.0);
  const auto decisions = compare_experts({expected, logits, margin}, Experts{1, 0, 2, 6, 4, 6}, 0.01, SlotOrder::free);
  EXPECT_EQ(decisions, (std::vector<Decision>{same, tie, wrong}));
}

TEST(Routing, SlotsAreAlignedByExpert) {
  EXPECT_EQ(align_slots(Experts{4, 1, 7, 2, 0, 3}, Experts{7, 4, 1, 2, 0, 3}, 2),
            (std::vector<std::size_t>{1, 2, 0, 0, 1, 2}));
}

TEST(Routing, ATokenWithOtherExpertsKeepsItsOwnOrder) {
  EXPECT_EQ(align_slots(Experts{4, 1, 7}, Experts{7, 4, 6}, 1), (std::vector<std::size_t>{0, 1, 2}));
}

TEST(Routing, ReorderingMovesWholeSlots) {
  const Numbers values{10, 11, 20, 21, 30, 31};  // one token, three slots of two
  EXPECT_EQ(reorder_slots(values, std::vector<std::size_t>{2, 0, 1}, 1), (Numbers{30, 31, 10, 11, 20, 21}));
}

TEST(Routing, ReorderingKeepsTokensApart) {
  const Numbers values{1, 2, 3, 4};  // two tokens, two slots
  EXPECT_EQ(reorder_slots(values, std::vector<std::size_t>{1, 0, 0, 1}, 2), (Numbers{2, 1, 3, 4}));
}

}  // namespace
}  // namespace assay::golden
