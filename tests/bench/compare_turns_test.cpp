// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What script/regress brings to a comparison: the quickest of three, rows without samples, outputs, a second look.
#include <gtest/gtest.h>

#include "bench/statistics/compare.hpp"
#include "bench/statistics/confirmation.hpp"
#include "bench/statistics/launches.hpp"
#include "tests/bench/results.hpp"
#include "tests/support/error_of.hpp"

namespace assay::bench {
namespace {

using test::row_of;

/// Eight pairs of three samples, of which the quickest is `level` and the others were held up.
Result in_threes(double level, double held_up) {
  Result result;
  result.pairing = "turns";
  result.settings = {{"samples_per_launch", "12"}, {"samples_per_pair", "3"}};
  std::vector<double> seconds;
  for (int i = 0; i < 8; ++i) {
    const double quickest = level * (1 + 1e-4 * i);
    seconds.insert(seconds.end(), {quickest * held_up, quickest, quickest * held_up * held_up});
  }
  result.rows = {row_of("router", seconds)};
  return result;
}

TEST(CompareTurns, TheQuickestOfASampleGroupCounts) {
  const Comparison comparison = compare(in_threes(1, 1.7), in_threes(1.1, 1.2));
  EXPECT_EQ(comparison.rows[0].pairs, 8);
  EXPECT_NEAR(comparison.rows[0].ratio.median, 1.1, 1e-12);
  EXPECT_NEAR(comparison.rows[0].base_seconds, 1.00035, 1e-12);
  EXPECT_EQ(comparison.rows[0].verdict, Verdict::regressed);
}

TEST(CompareTurns, TheControlIsReadInTheSameWay) {
  Result base = in_threes(1, 1.7);
  base.rows[0].control = in_threes(1.01, 3).rows[0].samples;
  const Comparison comparison = compare(base, in_threes(1, 1.2));
  ASSERT_TRUE(comparison.rows[0].control);
  EXPECT_NEAR(comparison.rows[0].control->median, 1.01, 1e-12);
}

TEST(CompareTurns, QuickestIsByRealTime) {
  const std::vector<Sample> samples{{3, 1, 5}, {2, 2, 6}, {4, 1, 7}, {9, 9, 9}};
  const std::vector<Sample> quickest = quickest_of_each(samples, 3);
  ASSERT_EQ(quickest.size(), 1);  // the fourth belongs to no whole group
  EXPECT_EQ(quickest[0].iterations, 6);
}

TEST(CompareTurns, AGroupIsWhole) {
  Result base = in_threes(1, 2);
  Result fresh = base;
  base.rows[0].samples.pop_back();
  EXPECT_EQ(test::error_of([&] { (void)compare(base, fresh, {.base_file = "a.json", .fresh_file = "b.json"}); }),
            "a.json: benchmark \"router\": expected a multiple of 3 samples, as the setting samples_per_pair says, "
            "found 23");
  base.settings["samples_per_launch"] = fresh.settings["samples_per_launch"] = "7";
  EXPECT_EQ(test::error_of([&] { (void)compare(base, fresh, {.base_file = "a.json", .fresh_file = "b.json"}); }),
            "a.json: setting samples_per_launch: expected a multiple of samples_per_pair (3), found 7");
}

TEST(CompareTurns, ARowOfEqualCodeNeedNotBeMeasured) {
  Result base = in_threes(1, 2);
  Row skipped;
  skipped.name = "norm";
  skipped.invalid = "skipped: not measured";
  skipped.code = "9f86d0";
  base.rows.push_back(skipped);
  Result fresh = base;
  const RowComparison row = compare(base, fresh).rows[1];
  EXPECT_EQ(row.verdict, Verdict::same_code);
  EXPECT_EQ(row.reason, "its compiled code is the same");
  fresh.rows[1].code = "60303a";
  EXPECT_EQ(compare(base, fresh).rows[1].verdict, Verdict::invalid);
  base.rows[1].code = fresh.rows[1].code = "";
  EXPECT_EQ(compare(base, fresh).rows[1].verdict, Verdict::invalid);
}

TEST(CompareTurns, OtherOutputsAreToldAndNotJudged) {
  Result base = in_threes(1, 2);
  Result fresh = base;
  base.rows[0].digest = "00ff";
  EXPECT_EQ(compare(base, fresh).rows[0].reason, "interval 0.0% to 0.0% is within the floor of 3.0%");
  fresh.rows[0].digest = "00fe";
  EXPECT_EQ(compare(base, fresh).rows[0].verdict, Verdict::same);
  EXPECT_EQ(compare(base, fresh).rows[0].reason,
            "interval 0.0% to 0.0% is within the floor of 3.0%; its outputs differ");
}

Comparison with_row(const std::string& name, Verdict verdict, const std::string& reason) {
  Comparison comparison;
  comparison.rows.emplace_back();
  comparison.rows[0].name = name;
  comparison.rows[0].verdict = verdict;
  comparison.rows[0].reason = reason;
  comparison.rows[0].ratio = {1.06, 1.04, 1.08};
  comparison.rows[0].pairs = 60;
  return comparison;
}

TEST(Confirmation, WhatShowsAgainStaysRegressed) {
  using enum Verdict;
  const RowComparison row =
      confirm(with_row("router", regressed, "+5.1%"), with_row("router", regressed, "+6.0%")).rows[0];
  EXPECT_EQ(row.verdict, regressed);
  EXPECT_EQ(row.reason, "+5.1%; measured again: +6.0% (+4.0% to +8.0%) in 60 pairs");
}

TEST(Confirmation, TheSameDirectionIsEnoughTheSecondTime) {
  using enum Verdict;
  Comparison second = with_row("router", inconclusive, "neither");
  second.rows[0].ratio = {1.03, 1.01, 1.05};
  const RowComparison row = confirm(with_row("router", regressed, "+5.1%"), second).rows[0];
  EXPECT_EQ(row.verdict, regressed);
  EXPECT_EQ(row.reason, "+5.1%; measured again: +3.0% (+1.0% to +5.0%) in 60 pairs");
  second.rows[0].control = Ratio{1.04, 1.01, 1.06};
  EXPECT_EQ(confirm(with_row("router", regressed, "+5.1%"), second).rows[0].verdict, inconclusive)
      << "an equal program is slower as well";
  second.rows[0].control = std::nullopt;
  second.rows[0].ratio.low = 0.99;
  EXPECT_EQ(confirm(with_row("router", regressed, "+5.1%"), second).rows[0].verdict, inconclusive)
      << "it may be as quick as before";
}

TEST(Confirmation, WhatDoesNotShowAgainIsInconclusive) {
  using enum Verdict;
  const RowComparison row = confirm(with_row("router", regressed, "+5.1%"), with_row("router", same, "within")).rows[0];
  EXPECT_EQ(row.verdict, inconclusive);
  EXPECT_EQ(row.reason, "not confirmed: +5.1%; measured again: SAME, within");
}

TEST(Confirmation, OtherRowsStayAsTheyAre) {
  using enum Verdict;
  EXPECT_EQ(confirm(with_row("router", regressed, "r"), with_row("norm", same, "s")).rows[0].verdict, regressed);
  EXPECT_EQ(confirm(with_row("router", improved, "r"), with_row("router", same, "s")).rows[0].reason, "r");
}

}  // namespace
}  // namespace assay::bench
