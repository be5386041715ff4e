// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The page as text; tests/pages opens it in a browser.
#include "reports/html/html.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <string>

#include "reports/html/charts.hpp"
#include "reports/html/markup.hpp"
#include "tests/reports/samples.hpp"
#include "tests/reports/text.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;
using golden::Verdict;
using samples::with_verdict;

/// The page up to its scripts.
std::string body_of(const golden::Verification& verification) {
  const std::string page = to_html(verification, "assay 0.1.0\nBLIS none\n");
  return page.substr(0, page.find("<h2>Program</h2>"));
}

TEST(Html, PutsTheVerdictAtTheTop) {
  const std::string text = body_of({{with_verdict(Verdict::fail), with_verdict(Verdict::pass)}});
  EXPECT_TRUE(has(text, "<title>FAIL: 2 cases: 1 PASS, 1 FAIL</title>")) << text.substr(0, 300);
  EXPECT_TRUE(
      has(text, "<h1><span class=\"verdict breaks\"><span aria-hidden=\"true\">\u00d7</span> FAIL</span></h1>"));
}

TEST(Html, OpensTheFirstCaseThatDoesNotHold) {
  const std::string text =
      body_of({{with_verdict(Verdict::pass), with_verdict(Verdict::fail), with_verdict(Verdict::fail)}});
  EXPECT_TRUE(has(text, "id=\"case-1\">"));
  EXPECT_TRUE(has(text, "id=\"case-2\" open>"));
  EXPECT_TRUE(has(text, "id=\"case-3\">"));
  EXPECT_TRUE(has(body_of({{with_verdict(Verdict::pass)}}), "id=\"case-1\" open>")) << "the only one";
}

TEST(Html, HasAnOverviewOfSeveralCases) {
  const std::string text = body_of(samples::of_each_verdict());
  EXPECT_TRUE(has(text, "<table id=\"overview\">"));
  for (const Verdict verdict : samples::all_verdicts) {
    EXPECT_TRUE(has(text, "</span> " + std::string(name(verdict)) + "</span></td><td><a href=\"#case-"))
        << name(verdict);
  }
  EXPECT_FALSE(has(body_of({{with_verdict(Verdict::pass)}}), "<table id=\"overview\">"));
}

TEST(Html, ShowsFactsTablesAndProvenanceOfACase) {
  golden::Verification verification{{samples::with_diagnosis()}};
  verification.provenance["golden/data/phimoe_cache.h5"] = "{\n \"torch\": \"2.13.0\"\n}";
  const std::string text = body_of(verification);
  for (const char* const part :
       {"<dt>index</dt><dd>batch 1, token 3, channel 17</dd>", "<pre class=\"command\">assay verify golden/data/",
        "<h3>Routing</h3>", "<h3>Decisions</h3>", "<h3>End to end</h3>", "<h3>Layer ledger</h3>", "<h3>Sites</h3>",
        "<td class=\"n\">5.2x</td>", "<td>introduced</td>", "<td>0 5</td>", "<h3>Provenance</h3>",
        " &quot;torch&quot;: &quot;2.13.0&quot;\n"}) {
    EXPECT_TRUE(has(text, part)) << part;
  }
}

TEST(Html, EscapesEverythingThatComesFromFiles) {
  golden::CaseResult result = with_verdict(Verdict::fail);
  const std::string evil = "</script><script>alert('1')</script>\"'&\x1b";
  result.golden = evil + ".h5";
  result.case_name = evil;
  result.model_type = evil;
  result.engine = evil;
  result.first_divergence->command = evil;
  result.first_divergence->site.note = evil;
  result.sites[2].note = evil;
  golden::Verification verification{{result, result}};
  verification.provenance[result.golden] = evil;
  verification.triangles.emplace_back();
  verification.triangles[0].golden = evil;
  verification.triangles[0].case_name = evil;
  const std::string text = body_of(verification);
  EXPECT_FALSE(has(text, "alert('1')"));
  EXPECT_FALSE(has(text, "\x1b"));
  EXPECT_TRUE(has(text, "&lt;/script&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&#39;&amp;\uFFFD"));
}

TEST(Html, SaysThatTheTriangleNeedsBothEngines) {
  EXPECT_TRUE(has(body_of({{with_verdict(Verdict::pass)}}), "--engine all"));
  golden::Verification verification{{with_verdict(Verdict::pass)}};
  golden::Triangle& triangle = verification.triangles.emplace_back();
  triangle.reference = golden::Leg::holds;
  triangle.optimized = golden::Leg::breaks;
  triangle.reading = golden::Reading::optimized;
  const std::string text = body_of(verification);
  EXPECT_TRUE(has(text, "class=\"breaks\" text-anchor=\"start\" x=\"374\" y=\"94\">differ</text>")) << text;
  EXPECT_TRUE(has(text, "<td>a bug in optimized</td>"));
}

TEST(ScriptJson, CannotEndItsElement) {
  EXPECT_EQ(script_json(json::object{{"a", "</script><!--"}}), "{\"a\":\"\\u003c/script>\\u003c!--\"}");
}

TEST(ChartData, HasTheWorstOfAllCallsOfEachLayerAndSite) {
  golden::CaseResult result = with_verdict(Verdict::fail);
  result.sites.push_back(samples::site(Site::moe_out, 0, Verdict::pass, 5e-13));
  result.sites.back().call = CallIndex{1};
  const json::object data = chart_data(result);
  EXPECT_EQ(data.at("sites"), (json::array{"embed_out", "moe_out", "logits"}));
  const json::array& cells = data.at("cells").as_array();
  ASSERT_EQ(cells.size(), 4U);
  EXPECT_EQ(cells[0].at(0).to_number<int>(), -1) << "a site of the model";
  EXPECT_EQ(cells[1].at(2).as_double(), 0.5);
  EXPECT_EQ(cells[1].at(4).to_number<int>(), 1);
  EXPECT_EQ(cells[2].at(3).as_string(), "FAIL");
  EXPECT_EQ(data.at("histograms").at(0).at("place").as_string(), "moe_out, layer 1, call 0");
  EXPECT_EQ(data.at("histograms").at(0).at("bins").as_array().size(), 24U);
}

TEST(ChartData, HasNoNumberThatCannotBeDrawn) {
  golden::CaseResult result = with_verdict(Verdict::fail);
  result.sites[2].metrics.rel_l2 = NAN;
  result.sites[2].site = Site::layer_out;
  golden::LayerErrors& layer = result.layers.emplace_back();
  layer.in = INFINITY;
  layer.out = NAN;
  const json::object data = chart_data(result);
  EXPECT_EQ(data.at("cells").at(2).at(2).as_double(), 1e9);
  EXPECT_EQ(data.at("growth").at(0).at(1).as_double(), 1e9);
  EXPECT_EQ(data.at("ledger").at(0).at(2).as_double(), 1e9);
}

}  // namespace
}  // namespace assay::reports
