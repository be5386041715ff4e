// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A deterministic pair of results for each verdict, and what each says of itself.
#include "bench/statistics/compare.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/bench/results.hpp"
#include "tests/support/error_of.hpp"

namespace assay::bench {
namespace {

using test::row_of;

constexpr std::size_t pairs = 20;

/// From -1 to 1 without an order that anything could follow.
double wobble(std::size_t index) { return std::sin(static_cast<double>(index * index + 3 * index)); }

/// Seconds around `level`, off by at most `noise` of it.
std::vector<double> times(double level, double noise, std::size_t count = pairs, std::size_t from = 0) {
  std::vector<double> seconds;
  for (std::size_t i = 0; i < count; ++i) seconds.push_back(level * (1 + noise * wobble(from + i)));
  return seconds;
}

/// One row, of a pairing.
Result result_of(const std::vector<double>& seconds) {
  Result result;
  result.pairing = "turns";
  result.rows = {row_of("router", seconds)};
  return result;
}

void add_control(Result& result, double ratio, double noise) {
  Row& row = result.rows[0];
  for (std::size_t i = 0; i < row.samples.size(); ++i) {
    const double seconds = row.samples[i].real_seconds * ratio * (1 + noise * wobble(7 * i + 100));
    row.control.push_back({seconds, seconds, 1});
  }
}

RowComparison row_between(const Result& base, const Result& fresh) { return compare(base, fresh).rows.at(0); }

TEST(Compare, ASlowdownBeyondTheFloorIsRegressed) {
  const RowComparison row = row_between(result_of(times(1, 0.01)), result_of(times(1.05, 0.01, pairs, 50)));
  EXPECT_EQ(row.verdict, Verdict::regressed);
  EXPECT_EQ(row.pairs, pairs);
  EXPECT_TRUE(row.paired);
  EXPECT_NEAR(row.ratio.median, 1.05, 0.01);
  EXPECT_LT(row.ratio.low, row.ratio.median);
  EXPECT_GT(row.ratio.high, row.ratio.median);
  EXPECT_EQ(row.floor, 0.03);
  EXPECT_LT(row.p, 1e-4);
  EXPECT_EQ(row.reason, "+5.1% (+4.5% to +5.7%) is beyond the floor of 3.0%, p 1.9e-06");
}

TEST(Compare, ASpeedupBeyondTheFloorIsImproved) {
  const RowComparison row = row_between(result_of(times(1, 0.01)), result_of(times(0.93, 0.01, pairs, 50)));
  EXPECT_EQ(row.verdict, Verdict::improved);
  EXPECT_EQ(row.reason, "-6.9% (-7.5% to -6.3%) is beyond the floor of 3.0%, p 1.9e-06");
}

TEST(Compare, AnIntervalWithinTheFloorIsTheSame) {
  const RowComparison row = row_between(result_of(times(1, 0.01)), result_of(times(1.005, 0.01, pairs, 50)));
  EXPECT_EQ(row.verdict, Verdict::same);
  EXPECT_EQ(row.reason, "interval 0.0% to +1.2% is within the floor of 3.0%");
}

TEST(Compare, AResultIsTheSameAsItself) {
  const RowComparison row = row_between(result_of(times(1, 0.2)), result_of(times(1, 0.2)));
  EXPECT_EQ(row.verdict, Verdict::same);
  EXPECT_EQ(row.ratio.low, 1);
  EXPECT_EQ(row.p, 1);
  EXPECT_EQ(row.reason, "interval 0.0% to 0.0% is within the floor of 3.0%");
}

TEST(Compare, AWideIntervalIsInconclusive) {
  const RowComparison row = row_between(result_of(times(1, 0.2)), result_of(times(1.02, 0.2, pairs, 50)));
  EXPECT_EQ(row.verdict, Verdict::inconclusive);
  EXPECT_EQ(row.reason, "interval -8.9% to +16.3% is neither within the floor of 3.0% nor beyond it");
}

TEST(Compare, ASmallEffectAtTheFloorIsInconclusive) {
  const RowComparison row = row_between(result_of(times(1, 0.004)), result_of(times(1.029, 0.004, pairs, 50)));
  EXPECT_EQ(row.verdict, Verdict::inconclusive);
  EXPECT_NE(row.reason.find("is neither within the floor of 3.0% nor beyond it"), std::string::npos);
}

TEST(Compare, FewPairsDecideNothing) {
  const RowComparison row = row_between(result_of(times(1, 0.01, 5)), result_of(times(2, 0.01, 5)));
  EXPECT_EQ(row.verdict, Verdict::inconclusive);
  EXPECT_EQ(row.reason, "5 pairs: at least 6 decide");
  EXPECT_EQ(row_between(result_of({1}), result_of({1})).reason, "1 pair: at least 6 decide");
}

TEST(Compare, WithoutTheSecondOpinionAnEffectIsInconclusive) {
  // Ten rows, and in one seven pairs of eight are slower: Wilcoxon's 2 / 256 of one row is not enough for ten.
  Result base = result_of(times(1, 0.001, 8));
  Result fresh = result_of(times(1.08, 0.001, 8, 50));
  fresh.rows[0].samples[3].real_seconds = 0.999;
  for (int i = 1; i < 10; ++i) {
    base.rows.push_back(row_of("other " + std::to_string(i), times(1, 0.001, 8)));
    fresh.rows.push_back(row_of("other " + std::to_string(i), times(1, 0.001, 8)));
  }
  const RowComparison row = row_between(base, fresh);
  EXPECT_EQ(row.verdict, Verdict::inconclusive);
  EXPECT_DOUBLE_EQ(row.p, 4.0 / 256);
  EXPECT_DOUBLE_EQ(row.adjusted_p, 40.0 / 256);
  EXPECT_NE(row.reason.find("is beyond the floor of 3.0%, but Wilcoxon's p is 0.16, after Holm over 10 rows: more than "
                            "0.05"),
            std::string::npos);
}

TEST(Compare, RowsOfTheSameCodeAreNotLookedAtFurther) {
  Result base = result_of(times(1, 0.01));
  Result fresh = result_of(times(1.2, 0.01));
  base.rows[0].code = fresh.rows[0].code = "9f86d0";
  const RowComparison row = row_between(base, fresh);
  EXPECT_EQ(row.verdict, Verdict::same_code);
  EXPECT_EQ(row.reason, "its compiled code is the same");
  fresh.rows[0].code = "60303a";
  EXPECT_EQ(row_between(base, fresh).verdict, Verdict::regressed);
  base.rows[0].code = fresh.rows[0].code = "";
  EXPECT_EQ(row_between(base, fresh).verdict, Verdict::regressed);
}

TEST(Compare, RowsOfTheSameCodeDoNotCountForHolm) {
  Result base = result_of(times(1, 0.01));
  Result fresh = result_of(times(1.05, 0.01));
  base.rows.push_back(row_of("other", times(1, 0.01)));
  fresh.rows.push_back(row_of("other", times(1, 0.01)));
  base.rows[1].code = fresh.rows[1].code = "9f86d0";
  const RowComparison row = row_between(base, fresh);
  EXPECT_EQ(row.adjusted_p, row.p);
}

TEST(Compare, AWrongOutputIsInvalidOnEitherSide) {
  Result base = result_of(times(1, 0.01));
  Result fresh = base;
  fresh.rows[0].invalid = "digest 12 is not 34";
  fresh.rows[0].samples.clear();
  EXPECT_EQ(row_between(base, fresh).verdict, Verdict::invalid);
  EXPECT_EQ(row_between(base, fresh).reason, "new: digest 12 is not 34");
  base.rows[0].invalid = "no output";
  EXPECT_EQ(row_between(base, fresh).reason, "base: no output; new: digest 12 is not 34");
}

TEST(Compare, TheFloorIsThreeTimesWhatTheControlIsOffBy) {
  Result base = result_of(times(1, 0.002));
  add_control(base, 1.015, 0);
  const RowComparison row = row_between(base, result_of(times(1.04, 0.002, pairs, 50)));
  EXPECT_NEAR(row.floor, std::pow(1.015, 3) - 1, 1e-12);
  EXPECT_NEAR(row.control->median, 1.015, 1e-12);
  EXPECT_EQ(row.verdict, Verdict::same);
}

TEST(Compare, TheFloorIsHalfOfTheControlsInterval) {
  Result base = result_of(times(1, 0.002));
  add_control(base, 1, 0.12);
  const RowComparison row = row_between(base, result_of(times(1.001, 0.002, pairs, 50)));
  EXPECT_NEAR(std::log1p(row.floor), (std::log(row.control->high) - std::log(row.control->low)) / 2, 1e-12);
  EXPECT_GT(row.floor, 0.05);
  EXPECT_EQ(row.verdict, Verdict::inconclusive);  // within the floor says little where the floor is wide
  EXPECT_NE(row.reason.find("is within the floor, but a floor of "), std::string::npos);
  EXPECT_NE(row.reason.find("% is too wide for SAME"), std::string::npos);
}

TEST(Compare, ARowWhoseControlDiffersIsInconclusive) {
  Result base = result_of(times(1, 0.002));
  add_control(base, 0.94, 0.001);
  const RowComparison row = row_between(base, result_of(times(1.5, 0.002, pairs, 50)));
  EXPECT_EQ(row.verdict, Verdict::inconclusive);
  EXPECT_EQ(row.reason, "two equal programs differ by -6.0% (-6.1% to -5.9%) here");
}

TEST(Compare, TheControlOfTheNewResultServesWhereBaseHasNone) {
  Result fresh = result_of(times(1.04, 0.002, pairs, 50));
  add_control(fresh, 1.015, 0);
  EXPECT_NEAR(row_between(result_of(times(1, 0.002)), fresh).control->median, 1.015, 1e-12);
}

TEST(Compare, MoreInstructionsAreARegressionWhateverTheTimesSay) {
  Result base = result_of(times(1, 0.01));
  Result fresh = result_of(times(1, 0.01));
  base.rows[0].instructions = 100000;
  fresh.rows[0].instructions = 100600;
  const RowComparison row = row_between(base, fresh);
  EXPECT_EQ(row.verdict, Verdict::regressed);
  EXPECT_EQ(row.instructions, 1.006);
  EXPECT_EQ(row.reason, "instructions +0.6%, limit 0.5%; time: interval 0.0% to 0.0% is within the floor of 3.0%");
  fresh.rows[0].instructions = 100400;
  EXPECT_EQ(row_between(base, fresh).verdict, Verdict::same);
}

TEST(Compare, MoreInstructionsInLessTimeAreAnImprovement) {
  Result base = result_of(times(1, 0.01));
  Result fresh = result_of(times(0.8, 0.01));
  base.rows[0].instructions = 100000;
  fresh.rows[0].instructions = 120000;
  const RowComparison row = row_between(base, fresh);
  EXPECT_EQ(row.verdict, Verdict::improved);
  EXPECT_NE(row.reason.find("; instructions +20.0%, which its time makes up for"), std::string::npos);
}

TEST(Compare, FewerInstructionsAreToldButProveNothing) {
  Result base = result_of(times(1, 0.01));
  Result fresh = result_of(times(1, 0.01));
  base.rows[0].instructions = 100000;
  fresh.rows[0].instructions = 90000;
  const RowComparison row = row_between(base, fresh);
  EXPECT_EQ(row.verdict, Verdict::same);
  EXPECT_EQ(row.reason, "interval 0.0% to 0.0% is within the floor of 3.0%; instructions -10.0%");
}

TEST(Compare, ResultsOfDifferentTimesNeedALargerEffect) {
  Result base = result_of(times(1, 0.01));
  Result fresh = result_of(times(1.08, 0.01, pairs + 3, 50));
  fresh.pairing = "others";
  const RowComparison row = row_between(base, fresh);
  EXPECT_FALSE(row.paired);
  EXPECT_EQ(row.pairs, pairs);
  EXPECT_EQ(row.floor, 0.10);
  EXPECT_EQ(row.verdict, Verdict::same);
  const RowComparison slow = row_between(base, [] {
    Result result = result_of(times(1.2, 0.01, pairs + 3, 50));
    result.pairing = "";
    return result;
  }());
  EXPECT_EQ(slow.verdict, Verdict::regressed);
  EXPECT_LT(slow.p, 1e-6);
}

TEST(Compare, FewSamplesOfDifferentTimesDecideNothing) {
  Result base = result_of(times(1, 0.01, 4));
  base.pairing = "";
  EXPECT_EQ(row_between(base, result_of(times(2, 0.01))).reason, "4 samples: at least 5 decide");
}

TEST(Compare, LaunchesThatDifferMakeTheIntervalWide) {
  // Five launches of four pairs; the pairs of a launch agree, the launches do not.
  std::vector<double> before;
  std::vector<double> after;
  for (const double ratio : {1.0, 1.05, 1.06, 1.07, 1.13}) {
    for (std::size_t i = 0; i < 4; ++i) {
      before.push_back(1);
      after.push_back(ratio * (1 + 0.001 * wobble(i)));
    }
  }
  Result base = result_of(before);
  Result fresh = result_of(after);
  const RowComparison alone = row_between(base, fresh);
  base.settings["samples_per_launch"] = fresh.settings["samples_per_launch"] = "4";
  const RowComparison launched = row_between(base, fresh);
  EXPECT_EQ(alone.verdict, Verdict::regressed);
  EXPECT_EQ(launched.verdict, Verdict::inconclusive);
  EXPECT_GT(launched.ratio.high - launched.ratio.low, 2 * (alone.ratio.high - alone.ratio.low));
}

TEST(Compare, TakesNoOtherSizeOfALaunch) {
  Result base = result_of(times(1, 0.01));
  base.settings["samples_per_launch"] = "4 or so";
  const std::string error =
      test::error_of([&] { (void)compare(base, base, {.base_file = "a.json", .fresh_file = "b.json"}); });
  EXPECT_EQ(error, "a.json: setting samples_per_launch: expected a whole number of at least 1, found \"4 or so\"");
}

TEST(Compare, APairNeedsBothOfItsSamples) {
  const std::string error = test::error_of([&] {
    (void)compare(result_of(times(1, 0.01, 8)), result_of(times(1, 0.01, 7)),
                  {.base_file = "a.json", .fresh_file = "b.json"});
  });
  EXPECT_EQ(
      error,
      "a.json, b.json: benchmark \"router\": expected as many samples in both, which were taken in turns, found 8 "
      "and 7");
}

TEST(Compare, KeepsWhereBothSidesComeFrom) {
  Result base = result_of(times(1, 0.01));
  base.commit = "72b2bf5";
  base.date = "2026-03-01T12:30:00+00:00";
  const Comparison comparison = compare(base, base, {.base_file = "a.json", .fresh_file = "b.json"});
  EXPECT_EQ(comparison.base.file, "a.json");
  EXPECT_EQ(comparison.fresh.file, "b.json");
  EXPECT_EQ(comparison.base.commit, "72b2bf5");
  EXPECT_EQ(comparison.base.date, base.date);
}

}  // namespace
}  // namespace assay::bench
