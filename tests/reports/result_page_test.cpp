// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The page of a benchmark's result as text; tests/pages opens it in a browser.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "reports/bench/html.hpp"
#include "reports/bench/pages/ledger_totals.hpp"
#include "tests/reports/bench_samples.hpp"
#include "tests/reports/text.hpp"

namespace assay::reports {
namespace {

/// The page up to its scripts.
std::string body_of(const bench::Result& result) {
  const std::string page = result_page(result, "assay 0.1.0\n");
  return page.substr(0, page.find("<h2>Program</h2>"));
}

/// The element with this id and what follows it, up to the next section.
std::string section(const std::string& page, const std::string& id) {
  const std::size_t begin = page.find("<section id=\"" + id + "\"");
  return begin == std::string::npos ? "" : page.substr(begin, page.find("</section>", begin) - begin);
}

TEST(ResultPage, SaysWhatWasTimedAndWhatDoesNotCount) {
  const std::string text = body_of(samples::whole_result(4));
  EXPECT_TRUE(has(text, "<title>granite-4.0-h-tiny: 6 rows, 1 INVALID</title>")) << text.substr(0, 300);
  EXPECT_TRUE(has(text, "<p class=\"tally\">engine optimized, layers 4, threads 2, weights bf16</p>"));
  EXPECT_TRUE(has(text, " 1 of 6 rows: the output of a timed call was wrong"));
  EXPECT_TRUE(has(text, "the host took 410 ms from the cores, 3.1% of the time somebody waited for a core"));
}

TEST(ResultPage, PutsInvalidRowsFirstWithTheirReason) {
  const std::string rows = section(body_of(samples::whole_result(4)), "rows");
  const std::size_t invalid = rows.find("<tr class=\"void\" data-tone=\"void\" data-row=\"0\">");
  ASSERT_NE(invalid, std::string::npos);
  EXPECT_LT(invalid, rows.find("<tr class=\"holds\""));
  EXPECT_TRUE(has(rows, "INVALID</span> logits: error 3.2e-01 at row 17, limit 4.1e-05</div>"));
}

TEST(ResultPage, ColumnsAreThoseThatAnyRowHasAFigureFor) {
  const std::string rows = section(body_of(samples::plain_result(2)), "rows");
  EXPECT_TRUE(has(rows, ">rate</button>"));
  EXPECT_FALSE(has(rows, ">tokens/s</button>"));
  EXPECT_FALSE(has(rows, ">of roof</button>")) << "no roofs were measured";
  EXPECT_FALSE(has(rows, "type=\"checkbox\"")) << "no row is invalid";
}

TEST(ResultPage, NamesWhatItDoesNotHave) {
  const std::string bare = body_of(samples::plain_result(1));
  EXPECT_TRUE(has(bare, "not profiled: assay bench --profile"));
  EXPECT_EQ(section(bare, "time"), "");
  EXPECT_EQ(section(bare, "memory"), "");
  EXPECT_TRUE(has(body_of({}), "nothing was timed"));
  EXPECT_EQ(section(body_of(samples::whole_result(2)), "absent"), "");
}

TEST(ResultPage, MarksGroupsWhoseErrorIsBeyondItsLimit) {
  const std::string time = section(body_of(samples::whole_result(4)), "time");
  const std::size_t row = time.find("<tr class=\"breaks\"");
  ASSERT_NE(row, std::string::npos);
  EXPECT_TRUE(has(time.substr(row, time.find("</tr>", row) - row), "<td>scan</td>"));
  EXPECT_TRUE(has(time.substr(row, time.find("</tr>", row) - row), "1.4x"));
}

TEST(ResultPage, EscapesEverythingThatComesFromFiles) {
  const std::string text = body_of(samples::hostile_result());
  EXPECT_FALSE(has(text, "<script>alert('1')"));
  EXPECT_FALSE(has(text, "</script><script>alert"));
  EXPECT_FALSE(has(text, "\x1b"));
  EXPECT_TRUE(has(text, "&lt;/script&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&#39;&amp;\uFFFD"));
}

TEST(ResultPage, HasNoNumberThatCannotBeDrawn) {
  bench::Result result = samples::whole_result(2);
  result.rows[0].counters["flops"] = NAN;
  result.rows[0].counters["tokens/s"] = INFINITY;
  result.ledger[0].flops = INFINITY;
  result.roofs = {NAN, INFINITY};
  const std::string text = body_of(result);
  EXPECT_FALSE(has(section(text, "roofline"), "nan"));
  EXPECT_FALSE(has(section(text, "roofline"), "inf"));
  EXPECT_FALSE(has(section(text, "time"), "1e99999"));
}

TEST(LedgerTotals, AddUpLayersAndKeepTheWorstError) {
  const std::vector<bench::LedgerRow> ledger{{"prefill", 0, "norm", 1, 10, 100, 1e-7, 0.2},
                                             {"prefill", 0, "experts", 6, 60, 600, std::nullopt, std::nullopt},
                                             {"prefill", 1, "norm", 1, 20, 200, 3e-7, 1.5},
                                             {"decode", std::nullopt, "head", 2, 1, 1, std::nullopt, std::nullopt}};
  const std::vector<GroupTotal> totals = group_totals(ledger);
  ASSERT_EQ(totals.size(), 3U);
  EXPECT_EQ(totals[0].group, "experts") << "what took longest";
  EXPECT_EQ(totals[0].share, 0.75);
  EXPECT_EQ(totals[1].group, "norm");
  EXPECT_EQ(totals[1].places, 2U);
  EXPECT_EQ(totals[1].work.seconds, 2);
  EXPECT_EQ(totals[1].work.flops, 30);
  EXPECT_EQ(totals[1].error, 3e-7);
  EXPECT_EQ(totals[1].used, 1.5);
  EXPECT_EQ(totals[2].phase, "decode");
  EXPECT_EQ(totals[2].share, 1);
}

}  // namespace
}  // namespace assay::reports
