// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A comparison with a row of each verdict, in all its renderings.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <sstream>

#include "bench/statistics/comparison.hpp"
#include "reports/bench/comparison_console.hpp"
#include "reports/bench/comparison_facts.hpp"
#include "reports/bench/comparison_json.hpp"
#include "reports/bench/comparison_junit.hpp"
#include "reports/bench/comparison_markdown.hpp"
#include "reports/text.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;

using bench::Comparison;
using bench::RowComparison;

RowComparison row_of(const std::string& name, bench::Verdict verdict, const std::string& reason, double ratio) {
  RowComparison row;
  row.name = name;
  row.verdict = verdict;
  row.reason = reason;
  row.pairs = 20;
  row.base_seconds = 0.00123;
  row.new_seconds = 0.00123 * ratio;
  row.ratio = {ratio, ratio * 0.99, ratio * 1.01};
  row.floor = 0.03;
  row.p = 1e-6;
  row.adjusted_p = 6e-6;
  return row;
}

Comparison one_of_each() {
  Comparison comparison;
  comparison.base = {"base.json", "2026-03-01T12:30:00Z", "assay 0.1.0", "72b2bf5"};
  comparison.fresh = {"new.json", "2026-03-02T12:30:00Z", "assay 0.1.0", ""};
  comparison.rows = {
      row_of("moe/granite-3.0-1b-a400m/tokens:512", bench::Verdict::regressed, "+5.1% is beyond the floor", 1.051),
      row_of("router", bench::Verdict::improved, "-6.9% is beyond the floor", 0.931),
      row_of("norm", bench::Verdict::same, "interval is within the floor", 1.001),
      row_of("conv", bench::Verdict::inconclusive,
             "interval -8.9% to +16.3% is neither within the floor of 3.0% nor beyond it", 1.02),
      row_of("rope", bench::Verdict::same_code, "its compiled code is the same", 1.07),
      row_of("scan", bench::Verdict::invalid, "new: digest <1> is not \"2\"", 1)};
  comparison.rows[0].instructions = 1.012;
  comparison.rows[5].pairs = 0;
  return comparison;
}

TEST(ComparisonConsole, HasALineForEachRowAndTheReasonOfEachThatIsNotTheSame) {
  EXPECT_EQ(comparison_console(one_of_each(), {}), R"(base: base.json, 2026-03-01T12:30:00Z, assay 0.1.0, commit 72b2bf5
new:  new.json, 2026-03-02T12:30:00Z, assay 0.1.0
samples taken in turns, 20 pairs a row

verdict      benchmark                      base     new change     95% interval
REGRESSED    moe/granite-3.0-1b-a400m/tokens:512
                                         1.23 ms 1.29 ms  +5.1%   +4.0% to +6.2%
    +5.1% is beyond the floor
IMPROVED     router                      1.23 ms 1.15 ms  -6.9%   -7.8% to -6.0%
    -6.9% is beyond the floor
SAME         norm                        1.23 ms 1.23 ms  +0.1%   -0.9% to +1.1%
INCONCLUSIVE conv                        1.23 ms 1.25 ms  +2.0%   +1.0% to +3.0%
    interval -8.9% to +16.3% is neither within the floor of 3.0% nor beyond it
SAME-CODE    rope                        1.23 ms 1.32 ms  +7.0%   +5.9% to +8.1%
INVALID      scan
    new: digest <1> is not "2"

REGRESSED    6 rows: 1 REGRESSED, 1 INVALID, 1 INCONCLUSIVE, 1 IMPROVED, 1 SAME,
             1 SAME-CODE
)");
}

TEST(ComparisonConsole, FitsEightyColumns) {
  Comparison comparison = one_of_each();
  comparison.warnings = {
      "different machines, as asked for: cpu \"Some CPU @ 2.5GHz\" and \"Another CPU @ 3.5GHz\", cores 2 and 4"};
  comparison.rows[0].ratio = {1.5, 0.501, 1.989};
  comparison.rows[1].ratio = {123.4, 1e-3, 999};
  for (const bool paired : {true, false}) {
    for (RowComparison& row : comparison.rows) row.paired = paired;
    std::istringstream lines(comparison_console(comparison, {}));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(columns(line), 80U) << line;
  }
}

TEST(ComparisonConsole, IsColouredOnlyWhereAskedFor) {
  EXPECT_EQ(comparison_console(one_of_each(), {}).find('\x1b'), std::string::npos);
  EXPECT_NE(comparison_console(one_of_each(), {Colour::always, Show::all}).find("\x1b[1;31mREGRESSED   \x1b[0m"),
            std::string::npos);
}

TEST(ComparisonConsole, NamesCannotMoveTheCursor) {
  Comparison comparison = one_of_each();
  comparison.rows[0].name = "a\x1b[2Jb\nc";
  comparison.base.file = "b\r.json";
  const std::string text = comparison_console(comparison, {});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\r'), std::string::npos);
}

TEST(ComparisonFacts, SayHowTheSamplesWereTaken) {
  Comparison comparison = one_of_each();
  comparison.rows[1].pairs = 12;
  EXPECT_EQ(sampling_text(comparison), "samples taken in turns, 12 to 20 pairs a row");
  for (RowComparison& row : comparison.rows) row.paired = false;
  EXPECT_EQ(sampling_text(comparison),
            "samples of different times, 12 to 20 an arm: a machine drifts, effects below 10% do not count");
}

TEST(ComparisonFacts, HaveNoFiguresOfARowThatWasNotMeasured) {
  Comparison comparison;
  comparison.rows = {row_of("rope", bench::Verdict::same_code, "its compiled code is the same", 1)};
  comparison.rows[0].pairs = 0;
  EXPECT_EQ(sampling_text(comparison), "nothing was measured");
  EXPECT_NE(comparison_console(comparison, {}).find("\nSAME-CODE    rope\n\nSAME-CODE    1 row: 1 SAME-CODE\n"),
            std::string::npos);
  EXPECT_TRUE(json::parse(comparison_json(comparison)).at("rows").as_array()[0].at("p").is_null());
}

TEST(ComparisonFacts, TellThatARowMeasuredOnceDoesNotCount) {
  RowComparison row = row_of("load", bench::Verdict::inconclusive, "1 sample: at least 5 decide", 1.3);
  row.pairs = 1;
  EXPECT_EQ(interval_text(row), "");
  EXPECT_EQ(reason_text(row), "1 sample: at least 5 decide; measured once, it does not count");
}

TEST(ComparisonFacts, TellOfInstructionsBesideTheSameTime) {
  RowComparison row = row_of("norm", bench::Verdict::same, "interval is within the floor; instructions -10.0%", 1);
  EXPECT_FALSE(is_notable(row));
  row.instructions = 0.9;
  EXPECT_TRUE(is_notable(row));
}

TEST(ComparisonJson, HasTheKeysOfTheContract) {
  Comparison comparison = one_of_each();
  comparison.warnings = {"different settings"};
  comparison.rows[1].control = bench::Ratio{1.01, 1, 1.02};
  const json::value document = json::parse(comparison_json(comparison));
  EXPECT_EQ(document.at("schema"), "assay.comparison/1");
  EXPECT_EQ(document.at("verdict"), "REGRESSED");
  EXPECT_EQ(document.at("base").at("commit"), "72b2bf5");
  EXPECT_EQ(document.at("new").at("file"), "new.json");
  EXPECT_EQ(document.at("warnings").as_array()[0], "different settings");
  const json::array& rows = document.at("rows").as_array();
  ASSERT_EQ(rows.size(), 6U);
  EXPECT_EQ(rows[0].at("name"), "moe/granite-3.0-1b-a400m/tokens:512");
  EXPECT_EQ(rows[0].at("verdict"), "REGRESSED");
  EXPECT_EQ(rows[0].at("ratio").at("median"), 1.051);
  EXPECT_EQ(rows[0].at("instructions"), 1.012);
  EXPECT_EQ(rows[0].at("pairs"), 20);
  EXPECT_TRUE(rows[0].at("paired").as_bool());
  EXPECT_TRUE(rows[0].at("control").is_null());
  EXPECT_EQ(rows[1].at("control").at("high"), 1.02);
  EXPECT_EQ(rows[1].at("adjusted_p"), 6e-6);
  EXPECT_TRUE(rows[5].at("ratio").is_null());
  EXPECT_TRUE(rows[5].at("base_seconds").is_null());
}

TEST(ComparisonMarkdown, HasATableAndTheReasons) {
  Comparison comparison = one_of_each();
  comparison.warnings = {"different machines, as asked for"};
  const std::string text = comparison_markdown(comparison);
  EXPECT_EQ(text.substr(0, text.find('\n')), "## assay report: REGRESSED");
  EXPECT_NE(text.find("| SAME | norm | 1.23 ms | 1.23 ms | +0.1% | -0.9% to +1.1% | 3.0% | &lt;0.0001 | 20 |  |\n"),
            std::string::npos);
  EXPECT_NE(text.find("| INVALID | scan |  |  |  |  |  |  |  |  |\n"), std::string::npos);
  EXPECT_NE(text.find("- **warning**: different machines, as asked for\n"), std::string::npos);
  EXPECT_NE(text.find("- INVALID scan: new: digest &lt;1> is not \"2\"\n"), std::string::npos);
  EXPECT_EQ(text.find("- SAME norm"), std::string::npos);
}

TEST(ComparisonJunit, HasACaseForEachRow) {
  Comparison comparison = one_of_each();
  comparison.warnings = {"different machines, as asked for"};
  const std::string text = comparison_junit(comparison);
  EXPECT_NE(text.find("<testsuite name=\"assay.report\" tests=\"6\" failures=\"1\" errors=\"1\" skipped=\"1\">"),
            std::string::npos);
  EXPECT_NE(text.find("<property name=\"warning\" value=\"different machines, as asked for\"/>"), std::string::npos);
  EXPECT_NE(text.find("<failure type=\"REGRESSED\" message=\"+5.1% is beyond the floor\"/>"), std::string::npos);
  EXPECT_NE(text.find("<error type=\"INVALID\" message=\"new: digest &lt;1&gt; is not &quot;2&quot;\"/>"),
            std::string::npos);
  EXPECT_NE(text.find("<skipped message=\"INCONCLUSIVE: interval"), std::string::npos);
  EXPECT_NE(text.find("<testcase classname=\"assay.report\" name=\"norm\" time=\"0.001231230\">"), std::string::npos);
}

}  // namespace
}  // namespace assay::reports
