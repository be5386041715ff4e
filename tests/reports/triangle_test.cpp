// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/triangle.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <cmath>
#include <sstream>

#include "golden/judge/triangle.hpp"
#include "reports/json.hpp"
#include "reports/markdown.hpp"
#include "reports/text.hpp"
#include "tests/reports/samples.hpp"
#include "tests/reports/text.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;
using golden::Leg;
using golden::Reading;
using golden::Triangle;
using golden::Verdict;

constexpr Style quiet{Colour::never, Show::broken};

golden::CaseResult case_of(Verdict verdict, Site where) {
  golden::CaseResult result = samples::with_verdict(verdict);
  if (result.first_divergence) result.first_divergence->site = samples::site(where, 1, verdict, 0.03125);
  return result;
}

Triangle sample(Verdict reference, Verdict optimized, Verdict between) {
  return golden::triangle_of(case_of(reference, Site::v_proj), case_of(optimized, Site::moe_out),
                             {samples::site(Site::embed_out, 0, Verdict::pass, 1e-13),
                              samples::site(Site::moe_out, 1, between, between == Verdict::fail ? 0.5 : 0.0)});
}

/// One of each reading.
std::vector<Triangle> all_readings() {
  const Verdict ok = Verdict::pass;
  const Verdict bad = Verdict::fail;
  return {sample(ok, ok, ok),
          sample(ok, bad, bad),
          sample(bad, ok, bad),
          sample(bad, bad, ok),
          sample(bad, bad, bad),
          sample(ok, ok, bad),
          sample(ok, Verdict::invalid, ok)};
}

TEST(TriangleTable, HasALineForAHealthyGolden) {
  EXPECT_EQ(triangle_table({sample(Verdict::pass, Verdict::tie, Verdict::pass)}, plain),
            "\n"
            "triangle f32, free             ref~HF opt~HF ref~opt   reading\n"
            "phimoe_cache                   ok     ok     ok 10%    healthy\n");
}

TEST(TriangleTable, SaysWhereToLook) {
  EXPECT_EQ(triangle_table(all_readings(), plain),
            "\n"
            "triangle f32, free             ref~HF opt~HF ref~opt   reading\n"
            "phimoe_cache                   ok     ok     ok 10%    healthy\n"
            "phimoe_cache                   ok     bad    bad 1e11x a bug in optimized\n"
            "    optimized: moe_out, layer 1, call 0\n"
            "    ref~opt: moe_out, layer 1, call 0: rel_l2 5.0e-01, limit 1.0e-12; max_abs\n"
            "    5.0e-01, limit 5.0e-12\n"
            "phimoe_cache                   bad    ok     bad 1e11x a bug in reference\n"
            "    reference: v_proj, layer 1, call 0\n"
            "    ref~opt: moe_out, layer 1, call 0: rel_l2 5.0e-01, limit 1.0e-12; max_abs\n"
            "    5.0e-01, limit 5.0e-12\n"
            "phimoe_cache                   bad    bad    ok 10%    a shared noun is wrong\n"
            "    look for a config field, a weight name, a misread rule, a stale golden\n"
            "    reference: v_proj, layer 1, call 0\n"
            "    optimized: moe_out, layer 1, call 0\n"
            "phimoe_cache                   bad    bad    bad 1e11x open the first divergence\n"
            "                                                       of the reference first\n"
            "    reference: v_proj, layer 1, call 0\n"
            "    optimized: moe_out, layer 1, call 0\n"
            "    ref~opt: moe_out, layer 1, call 0: rel_l2 5.0e-01, limit 1.0e-12; max_abs\n"
            "    5.0e-01, limit 5.0e-12\n"
            "phimoe_cache                   ok     ok     bad 1e11x a bug in the judge\n"
            "    ref~opt: moe_out, layer 1, call 0: rel_l2 5.0e-01, limit 1.0e-12; max_abs\n"
            "    5.0e-01, limit 5.0e-12\n"
            "phimoe_cache                   ok     -      ok 10%    none\n"
            "    an engine compared nothing: see its own lines\n");
}

TEST(TriangleTable, StaysWithin80Columns) {
  std::vector<Triangle> triangles = all_readings();
  for (Triangle& triangle : triangles) triangle.case_name = "a_case_with_a_name_that_is_much_too_long_for_its_column";
  std::istringstream lines(triangle_table(triangles, plain));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(columns(line), 80U) << line;
}

TEST(TriangleTable, ShowsOnlyWhatIsNotHealthyWhenQuiet) {
  EXPECT_EQ(triangle_table({sample(Verdict::pass, Verdict::pass, Verdict::pass)}, quiet), "");
  EXPECT_EQ(triangle_table({}, plain), "");
  const std::string text = triangle_table(all_readings(), quiet);
  EXPECT_EQ(text.find("healthy"), std::string::npos);
  EXPECT_NE(text.find("a bug in optimized"), std::string::npos);
}

TEST(TriangleInConsole, ComesBetweenTheCasesAndTheSummary) {
  golden::Verification verification = {{samples::with_verdict(Verdict::pass)}};
  verification.triangles = {sample(Verdict::pass, Verdict::pass, Verdict::pass)};
  const std::string text = console(verification, plain);
  EXPECT_LT(text.find("worst site"), text.find("triangle f32"));
  EXPECT_LT(text.find("triangle f32"), text.find("PASS    1 case"));
}

TEST(TriangleInJson, HasAKeyOfItsOwnWhereBothEnginesRan) {
  golden::Verification verification = {{samples::with_verdict(Verdict::pass)}};
  EXPECT_FALSE(json::parse(to_json(verification)).as_object().contains("triangle"));
  verification.triangles = all_readings();
  const json::value document = json::parse(to_json(verification));
  const json::array& triangles = document.at("triangle").as_array();
  ASSERT_EQ(triangles.size(), 7U);
  const json::object& healthy = triangles[0].as_object();
  std::vector<std::string> keys;
  for (const auto& member : healthy) keys.emplace_back(member.key());
  EXPECT_EQ(keys, (std::vector<std::string>{"golden", "case", "mode", "ref_hf", "opt_hf", "ref_opt", "reading", "sites",
                                            "first_difference"}));
  EXPECT_EQ(healthy.at("ref_opt"), "ok");
  EXPECT_EQ(healthy.at("reading"), "healthy");
  EXPECT_EQ(healthy.at("sites"), 2);
  EXPECT_TRUE(healthy.at("first_difference").is_null());
  const json::value& optimized = triangles[1];
  EXPECT_EQ(optimized.at("opt_hf"), "bad");
  EXPECT_EQ(optimized.at("first_difference").at("site"), "moe_out");
  EXPECT_EQ(optimized.at("first_difference").at("reference"), 0.5);
  EXPECT_EQ(optimized.at("first_difference").at("optimized"), 1.0);
  EXPECT_TRUE(triangles[6].at("opt_hf").is_null());
}

TEST(TriangleInJson, WritesWhatIsNotFiniteAsAString) {
  Triangle triangle = sample(Verdict::pass, Verdict::fail, Verdict::fail);
  triangle.sites[1].metrics.actual = NAN;
  golden::Verification verification;
  verification.triangles = {triangle};
  EXPECT_EQ(json::parse(to_json(verification)).at("triangle").at(0).at("first_difference").at("optimized"), "NaN");
}

TEST(TriangleInMarkdown, IsATable) {
  golden::Verification verification = {{samples::with_verdict(Verdict::pass)}};
  verification.triangles = {sample(Verdict::pass, Verdict::pass, Verdict::pass),
                            sample(Verdict::pass, Verdict::fail, Verdict::fail)};
  EXPECT_NE(
      to_markdown(verification)
          .find("\n\n| case | ref\\~HF | opt\\~HF | ref\\~opt | reading |\n|---|---|---|---|---|\n"
                "| phimoe_cache | ok | ok | ok 10% | healthy |\n"
                "| phimoe_cache | ok | bad | bad 1e11x | a bug in optimized; optimized: moe_out, layer 1, call 0; "
                "ref\\~opt: moe_out, layer 1, call 0: rel_l2 5.0e-01, limit 1.0e-12; max_abs 5.0e-01, limit "
                "5.0e-12 |\n"),
      std::string::npos)
      << to_markdown(verification);
}

}  // namespace
}  // namespace assay::reports
