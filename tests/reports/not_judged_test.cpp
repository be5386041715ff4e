// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What was left out on purpose, sites that a golden does not hold and rows of padding: every report says so.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <string>

#include "reports/console.hpp"
#include "reports/facts.hpp"
#include "reports/json.hpp"
#include "reports/junit.hpp"
#include "reports/markdown.hpp"
#include "tests/reports/samples.hpp"
#include "tests/reports/text.hpp"

namespace assay::reports {
namespace {

using golden::Rows;
using golden::Verdict;
using samples::with_verdict;

golden::CaseResult partial(Verdict verdict) {
  golden::CaseResult result = with_verdict(verdict);
  result.not_recorded = {Site::attn_scores, Site::attn_probs};
  result.rows = Rows::real;
  return result;
}

TEST(NotJudged, IsSaidBehindTheSummaryOnceAGolden) {
  const std::string text = console({{partial(Verdict::pass), partial(Verdict::pass)}}, plain);
  EXPECT_TRUE(
      text.starts_with("reference f64, free, real rows    sites   time digits headroom worst site\n"
                       "PASS     phimoe_cache                 4 0.02 s   14.5    99.6% 0 moe_out\n"
                       "PASS     phimoe_cache                 4 0.02 s   14.5    99.6% 0 moe_out\n"
                       "\n"))
      << text;
  EXPECT_TRUE(text.ends_with("\n         not recorded: attn_scores, attn_probs\n")) << text;
}

TEST(NotJudged, IsCountedWhereItIsOfSeveralGoldens) {
  golden::CaseResult other = partial(Verdict::pass);
  other.golden = "other.h5";
  const std::string text = console({{with_verdict(Verdict::pass), partial(Verdict::pass), other}}, plain);
  EXPECT_TRUE(text.ends_with("\n         2 goldens record a part of their sites (assay inspect GOLDEN)\n")) << text;
}

TEST(NotJudged, IsInTheJson) {
  const auto document = boost::json::parse(to_json({{with_verdict(Verdict::pass), partial(Verdict::pass)}}));
  const auto& results = document.at("results").as_array();
  EXPECT_EQ(results[0].at("rows"), "all");
  EXPECT_TRUE(results[0].at("not_recorded").as_array().empty());
  EXPECT_EQ(results[1].at("rows"), "real");
  EXPECT_EQ(results[1].at("not_recorded"), (boost::json::array{"attn_scores", "attn_probs"}));
}

TEST(NotJudged, IsInTheMarkdownOnceACase) {
  const std::string text = to_markdown({{partial(Verdict::pass), partial(Verdict::pass)}});
  const std::string line = "\nphimoe_cache: not recorded: attn_scores, attn_probs\n";
  ASSERT_NE(text.find(line), std::string::npos) << text;
  EXPECT_EQ(text.find(line), text.rfind(line));
  EXPECT_NE(text.find("| free, real rows |"), std::string::npos) << text;
}

TEST(NotJudged, IsInTheJunitFile) {
  const std::string text = to_junit({{partial(Verdict::pass)}});
  EXPECT_NE(text.find("<system-out>not recorded: attn_scores, attn_probs\n</system-out>"), std::string::npos) << text;
  EXPECT_NE(text.find("reference f64 free, real rows\""), std::string::npos) << text;
}

TEST(NotJudged, ExplainsACaseOfNothingElse) {
  golden::CaseResult result = partial(Verdict::vacuous);
  result.sites.clear();
  const std::vector<Fact> all = facts(result);
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all[0].text, "no site was compared; not recorded: attn_scores, attn_probs");
}

}  // namespace
}  // namespace assay::reports
