// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The page of a history as text; tests/pages opens it in a browser.
#include <gtest/gtest.h>

#include <string>

#include "reports/bench/html.hpp"
#include "tests/reports/bench_samples.hpp"
#include "tests/reports/text.hpp"

namespace assay::reports {
namespace {

using bench::History;
using bench::HistoryGroup;

std::string body_of(const History& history) {
  const std::string page = history_page(history, "assay 0.1.0\n");
  return page.substr(0, page.find("<h2>Program</h2>"));
}

HistoryGroup group_of(const std::string& cpu) {
  HistoryGroup group{
      .machine = {{"cpu", cpu}, {"cores", "2"}}, .settings = {{"model", "tiny"}}, .results = 4, .rows = {}};
  bench::Trend& trend = group.rows.emplace_back();
  trend.name = "prefill";
  for (const double seconds : {0.01, 0.01, 0.012, 0.012}) {
    trend.points.push_back({"2026-11-26T10:00:00+00:00", "0123456789abcdef", "one.json", seconds, seconds, seconds, 5});
  }
  trend.steps = {{2, 1.2, 0.0001}};
  return group;
}

TEST(HistoryPage, NamesEachStepByItsCommit) {
  const std::string text = body_of({.folder = "stored", .groups = {group_of("A")}, .warnings = {}});
  EXPECT_TRUE(has(text, "<title>History: 4 results, 1 row, 1 step, 1 slower</title>")) << text.substr(0, 300);
  EXPECT_TRUE(has(text, "\u25b2</span> +20.0%</span></td><td>2026-11-26</td><td>0123456789</td>"));
  EXPECT_TRUE(has(text, "<a href=\"#trend-1-1\">prefill</a>"));
  EXPECT_TRUE(has(text, "<figure class=\"trend charts\" id=\"trend-1-1\">"));
}

TEST(HistoryPage, TellsGroupsApartByWhatDiffers) {
  const std::string text = body_of({.folder = "", .groups = {group_of("A"), group_of("B")}, .warnings = {}});
  EXPECT_TRUE(has(text, "<h2>tiny, cpu A</h2>"));
  EXPECT_TRUE(has(text, "<h2>tiny, cpu B</h2>"));
}

TEST(HistoryPage, OfNothingSaysSo) {
  const std::string text = body_of({});
  EXPECT_TRUE(has(text, "0 results, 0 rows, no steps"));
  EXPECT_TRUE(has(text, "No result has a row that counts."));
}

TEST(HistoryPage, EscapesEverythingThatComesFromFiles) {
  const std::string evil = samples::hostile_text();
  HistoryGroup group = group_of(evil);
  group.settings = {{"model", evil}, {evil, evil}};
  group.rows[0].name = evil;
  for (bench::Point& point : group.rows[0].points) point.date = point.commit = point.file = evil;
  const std::string text = body_of({.folder = evil, .groups = {group, group_of("A")}, .warnings = {evil}});
  EXPECT_FALSE(has(text, "<script>alert('1')"));
  EXPECT_FALSE(has(text, "\x1b"));
}

}  // namespace
}  // namespace assay::reports
