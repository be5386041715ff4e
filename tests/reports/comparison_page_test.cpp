// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The page of a comparison as text; tests/pages opens it in a browser.
#include <gtest/gtest.h>

#include <string>

#include "reports/bench/html.hpp"
#include "tests/reports/bench_samples.hpp"
#include "tests/reports/text.hpp"

namespace assay::reports {
namespace {

using bench::Comparison;
using bench::Result;
using bench::RowComparison;

std::string body_of(const Comparison& comparison, const Result& base, const Result& fresh) {
  const std::string page = comparison_page(comparison, base, fresh, "assay 0.1.0\n");
  return page.substr(0, page.find("<h2>Program</h2>"));
}

RowComparison row(const std::string& name, bench::Verdict verdict, double ratio) {
  RowComparison one;
  one.name = name;
  one.verdict = verdict;
  one.reason = "because";
  one.pairs = 20;
  one.base_seconds = 0.01;
  one.new_seconds = 0.01 * ratio;
  one.ratio = {ratio, 0.99 * ratio, 1.01 * ratio};
  one.floor = 0.03;
  return one;
}

Comparison mixed() {
  Comparison comparison;
  comparison.rows = {row("plain", bench::Verdict::same, 1), row("slow", bench::Verdict::regressed, 1.1),
                     row("wide", bench::Verdict::inconclusive, 1.02)};
  return comparison;
}

TEST(ComparisonPage, PutsTheVerdictAndTheRegressionsAtTheTop) {
  const std::string text = body_of(mixed(), {}, {});
  EXPECT_TRUE(has(text, "<title>REGRESSED: 3 rows: 1 REGRESSED, 1 INCONCLUSIVE, 1 SAME</title>"))
      << text.substr(0, 300);
  EXPECT_TRUE(
      has(text, "<h1><span class=\"verdict breaks\"><span aria-hidden=\"true\">\u25b2</span> REGRESSED</span></h1>"));
  EXPECT_TRUE(has(text, "<li><b>slow</b> because</li>"));
}

TEST(ComparisonPage, RowsThatNeedAttentionComeFirst) {
  const std::string text = body_of(mixed(), {}, {});
  const std::size_t table = text.find("<table class=\"grid\">");
  EXPECT_LT(text.find(">slow<", table), text.find(">wide<", table));
  EXPECT_LT(text.find(">wide<", table), text.find(">plain<", table));
}

TEST(ComparisonPage, HasTheChangeItsIntervalAndTheFloor) {
  const std::string text = body_of(mixed(), {}, {});
  EXPECT_TRUE(has(text, "<td class=\"n\" data-value=\"1.1\">+10.0%</td>")) << text;
  EXPECT_TRUE(has(text, ">+8.9% to +11.1%</td>"));
  EXPECT_TRUE(has(text, "<td class=\"n\" data-value=\"0.03\">3.0%</td>"));
}

TEST(ComparisonPage, ARowWithoutTimesHasNoRatio) {
  Comparison comparison;
  comparison.rows = {{}};
  comparison.rows[0].name = "wrong";
  comparison.rows[0].verdict = bench::Verdict::invalid;
  const std::string text = body_of(comparison, {}, {});
  EXPECT_TRUE(has(text, "\"ratio\":null"));
  EXPECT_FALSE(has(text, "0.0%")) << "a ratio that nobody measured";
}

TEST(ComparisonPage, MarksWhatDiffersBetweenMachines) {
  Result base;
  Result fresh;
  base.machine = {{"cpu", "A"}, {"cores", "2"}};
  fresh.machine = {{"cpu", "B"}, {"cores", "2"}};
  Comparison comparison = mixed();
  comparison.warnings = {"cpu: A in one, B in the other"};
  const std::string text = body_of(comparison, base, fresh);
  EXPECT_TRUE(has(text, "<tr class=\"noted\"><td>cpu</td><td>A</td><td>B</td></tr>"));
  EXPECT_TRUE(has(text, "<tr><td>cores</td><td>2</td><td>2</td></tr>"));
  EXPECT_TRUE(has(text, "<ul class=\"warnings\">\n<li>cpu: A in one, B in the other</li>"));
}

TEST(ComparisonPage, HoldsTheSamplesOfBothSides) {
  Result base;
  Result fresh;
  base.rows.emplace_back().name = "slow";
  base.rows[0].samples = {{0.01, 0.01, 1}, {0.0101, 0.01, 1}};
  base.rows[0].control = {{0.0102, 0.01, 1}, {0.0103, 0.01, 1}};
  fresh.rows.emplace_back().name = "slow";
  fresh.rows[0].samples = {{0.011, 0.01, 1}, {0.0111, 0.01, 1}};
  EXPECT_TRUE(has(body_of(mixed(), base, fresh),
                  "\"arms\":[[\"base\",[1E-2,1.01E-2]],[\"new\",[1.1E-2,1.11E-2]],[\"control\",[1."));
}

TEST(ComparisonPage, OfNothingSaysSo) {
  EXPECT_TRUE(has(body_of({}, {}, {}), "The two results have no rows in common."));
}

TEST(ComparisonPage, EscapesEverythingThatComesFromFiles) {
  const std::string evil = samples::hostile_text();
  Comparison comparison = mixed();
  comparison.warnings = {evil};
  comparison.base = {evil, evil, evil, evil};
  for (RowComparison& one : comparison.rows) one.name = one.reason = evil;
  const std::string text = body_of(comparison, samples::hostile_result(), samples::hostile_result());
  EXPECT_FALSE(has(text, "<script>alert('1')"));
  EXPECT_FALSE(has(text, "\x1b"));
}

}  // namespace
}  // namespace assay::reports
