// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/history.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/bench/results.hpp"
#include "tests/support/error_of.hpp"

namespace assay::bench {
namespace {

using test::row_of;

StoredResult stored(int day, const std::vector<Row>& rows, const std::string& cpu = "A") {
  StoredResult result;
  result.file = fmt::format("{:02}.json", day);
  result.result.date = fmt::format("2026-03-{:02}T00:00:00Z", day);
  result.result.commit = fmt::format("c{}", day);
  result.result.machine = {{"cpu", cpu}};
  result.result.rows = rows;
  return result;
}

TEST(History, StandsInTheOrderOfDates) {
  StoredResult early = stored(5, {row_of("a", {3})});
  early.result.date = "2026-03-02T01:00:00+02:00";  // the evening of the first
  const History history =
      make_history("results", {stored(3, {row_of("a", {1, 3})}), stored(2, {row_of("a", {2})}), early});
  EXPECT_EQ(history.folder, "results");
  ASSERT_EQ(history.groups.size(), 1U);
  EXPECT_EQ(history.groups[0].results, 3U);
  ASSERT_EQ(history.groups[0].rows.size(), 1U);
  const std::vector<Point>& points = history.groups[0].rows[0].points;
  ASSERT_EQ(points.size(), 3U);
  EXPECT_EQ(points[0].file, "05.json");
  EXPECT_EQ(points[1].commit, "c2");
  EXPECT_EQ(points[2].seconds, 2);
  EXPECT_EQ(points[2].low, 1);
  EXPECT_EQ(points[2].high, 3);
  EXPECT_EQ(points[2].samples, 2U);
}

TEST(History, KeepsMachinesAndSettingsApart) {
  StoredResult other = stored(4, {row_of("a", {1})});
  other.result.settings["threads"] = "1";
  const History history = make_history("r", {stored(1, {row_of("a", {1})}), stored(2, {row_of("a", {1})}, "B"), other,
                                             stored(3, {row_of("a", {1}), row_of("b", {1})})});
  ASSERT_EQ(history.groups.size(), 3U);
  EXPECT_EQ(history.groups[0].machine.at("cpu"), "A");
  EXPECT_EQ(history.groups[0].results, 2U);
  EXPECT_EQ(history.groups[0].rows.size(), 2U);
  EXPECT_EQ(history.groups[1].machine.at("cpu"), "B");
  EXPECT_EQ(history.groups[2].settings.at("threads"), "1");
}

TEST(History, MarksTheStepsOfEachRow) {
  std::vector<StoredResult> results;
  for (int day = 1; day <= 24; ++day) {
    const double level = day <= 12 ? 1 : 1.2;
    results.push_back(
        stored(day, {row_of("steady", {1 + 0.001 * (day % 3)}), row_of("slower", {level + 0.001 * (day % 5)})}));
  }
  const History history = make_history("r", std::move(results));
  EXPECT_TRUE(history.groups[0].rows[0].steps.empty());
  ASSERT_EQ(history.groups[0].rows[1].steps.size(), 1U);
  EXPECT_EQ(history.groups[0].rows[1].steps[0].place, 12U);
  EXPECT_EQ(history.groups[0].rows[1].points[12].commit, "c13");
}

TEST(History, SaysWhichRowsAreLeftOut) {
  Row wrong = row_of("a", {1});
  wrong.invalid = "digest 1 is not 2";
  const History history = make_history("r", {stored(1, {row_of("a", {1})}), stored(2, {wrong})});
  EXPECT_EQ(history.groups[0].rows[0].points.size(), 1U);
  EXPECT_EQ(history.warnings, std::vector<std::string>{"02.json: benchmark \"a\" is left out: digest 1 is not 2"});
}

TEST(History, NeedsResultsWithDates) {
  EXPECT_EQ(test::error_of([] { (void)make_history("r", {}); }), "r: expected results of benchmarks, found none");
  StoredResult undated = stored(1, {row_of("a", {1})});
  undated.result.date = "";
  EXPECT_EQ(test::error_of([&] { (void)make_history("r", {undated}); }),
            "01.json: date: expected a date as 2026-03-01T12:30:00+00:00, found \"\"");
}

}  // namespace
}  // namespace assay::bench
