// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/json.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "tests/reports/samples.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;
using golden::Verdict;
using samples::with_verdict;

json::object parsed(const golden::Verification& verification) { return json::parse(to_json(verification)).as_object(); }

std::vector<std::string> keys(const json::object& object) {
  std::vector<std::string> found;
  for (const auto& member : object) found.emplace_back(member.key());
  return found;
}

TEST(Json, HasTheKeysOfTheSchemaInTheirOrder) {
  const json::object document = parsed({{with_verdict(Verdict::fail)}});
  EXPECT_EQ(keys(document), (std::vector<std::string>{"schema", "verdict", "results"}));
  EXPECT_EQ(document.at("schema").as_string(), "assay.verify/1");
  const json::object& result = document.at("results").as_array().at(0).as_object();
  EXPECT_EQ(keys(result),
            (std::vector<std::string>{"golden", "case", "model_type", "engine", "precision", "mode", "verdict",
                                      "first_divergence", "seconds", "peak_rss_bytes", "sites", "witness", "error",
                                      "tied_tokens", "peak_anonymous_bytes", "threads", "weights", "not_provided",
                                      "not_recorded", "actual", "not_in_dump", "notes", "rows", "digits", "headroom", "contaminated_tokens", "routing",
                                      "decisions", "layers", "end_to_end"}));
  EXPECT_EQ(keys(result.at("sites").as_array().at(0).as_object()),
            (std::vector<std::string>{"call", "layer", "site", "verdict", "elements", "max_abs", "rel_l2", "max_ulp",
                                      "cosine", "worst_index", "expected", "actual", "limit_rel_l2", "limit_max_abs",
                                      "differing", "note", "digits", "headroom", "ratios"}));
  EXPECT_EQ(keys(result.at("first_divergence").as_object()),
            (std::vector<std::string>{"call", "layer", "site", "index", "expected", "actual", "max_abs", "rel_l2",
                                      "command"}));
}

TEST(Json, TellsACaseAsItIs) {
  const golden::CaseResult given = with_verdict(Verdict::fail);
  const json::object document = parsed({{given}});
  const json::object& result = document.at("results").as_array().at(0).as_object();
  EXPECT_EQ(result.at("golden").as_string(), "golden/data/phimoe_cache.h5");
  EXPECT_EQ(result.at("case").as_string(), "phimoe_cache");
  EXPECT_EQ(result.at("model_type").as_string(), "phimoe");
  EXPECT_EQ(result.at("engine").as_string(), "reference");
  EXPECT_EQ(result.at("precision").as_string(), "f64");
  EXPECT_EQ(result.at("mode").as_string(), "free");
  EXPECT_EQ(result.at("verdict").as_string(), "FAIL");
  EXPECT_EQ(result.at("seconds").as_double(), 0.02);
  EXPECT_EQ(result.at("peak_rss_bytes").as_int64(), 12'900'000);
  EXPECT_EQ(result.at("witness").as_string(), "truth");
  const json::object& site = result.at("sites").as_array().at(2).as_object();
  EXPECT_EQ(site.at("call").as_int64(), 0);
  EXPECT_EQ(site.at("layer").as_int64(), 1);
  EXPECT_EQ(site.at("site").as_string(), "moe_out");
  EXPECT_EQ(site.at("verdict").as_string(), "FAIL");
  EXPECT_EQ(site.at("elements").as_int64(), 1344);
  EXPECT_EQ(site.at("differing").as_int64(), 12);
  EXPECT_EQ(site.at("worst_index"), (json::array{1, 3, 17}));
  EXPECT_EQ(site.at("actual").as_double(), 0.53125);
  const json::object& divergence = result.at("first_divergence").as_object();
  EXPECT_EQ(divergence.at("index"), (json::array{1, 3, 17}));
  EXPECT_EQ(divergence.at("max_abs").as_double(), 0.03125);
  EXPECT_EQ(std::string(divergence.at("command").as_string()), given.first_divergence->command);
}

TEST(Json, TellsWhatTheJudgeKnowsBesideTheErrors) {
  const json::object document = parsed({{samples::with_diagnosis()}});
  const json::object& result = document.at("results").as_array().at(0).as_object();
  EXPECT_NEAR(result.at("digits").as_double(), 1.505, 0.001);
  EXPECT_NEAR(result.at("headroom").as_double(), 1 - 0.03125 / 1e-12, 1);
  EXPECT_EQ(result.at("contaminated_tokens").as_int64(), 3);
  const json::object& site = result.at("sites").as_array().at(2).as_object();
  EXPECT_EQ(site.at("ratios").as_array().at(1), (json::object{{"measure", "row"},
                                                             {"value", 930.0},
                                                             {"gate", 3.1},
                                                             {"where", 4},
                                                             {"samples", 12}}));
  EXPECT_EQ(result.at("routing").as_array().at(1), (json::object{{"call", 0},
                                                                {"layer", 1},
                                                                {"tokens", 12},
                                                                {"exact", 11},
                                                                {"ties", 0},
                                                                {"wrong", 1},
                                                                {"least_margin", 0.02},
                                                                {"bound", 3e-5}}));
  const json::object& decision = result.at("decisions").as_array().at(1).as_object();
  EXPECT_EQ(decision.at("decision").as_string(), "WRONG");
  EXPECT_EQ(decision.at("rule").as_string(), "top k");
  EXPECT_EQ(decision.at("actual"), (json::array{0, 5}));
  EXPECT_EQ(result.at("layers").as_array().at(1).at("origin").as_string(), "introduced");
  EXPECT_EQ(result.at("layers").as_array().at(1).at("worst").as_string(), "moe_out");
  EXPECT_EQ(result.at("end_to_end").as_array().at(0).at("kl_max").as_double(), 9e-9);
  EXPECT_EQ(result.at("end_to_end").as_array().at(0).at("top1_wrong").as_int64(), 1);
}

TEST(Json, TellsHowTheEngineRanWhereItHasSettings) {
  const json::object document = parsed({{with_verdict(Verdict::pass), samples::of_optimized()}});
  const json::value& reference = document.at("results").as_array().at(0);
  EXPECT_TRUE(reference.at("threads").is_null());
  EXPECT_TRUE(reference.at("weights").is_null());
  EXPECT_TRUE(reference.at("not_provided").as_array().empty());
  const json::value& optimized = document.at("results").as_array().at(1);
  EXPECT_EQ(optimized.at("threads"), 2);
  EXPECT_EQ(optimized.at("weights"), "bf16");
  EXPECT_EQ(optimized.at("not_provided"), (json::array{"attn_visible", "attn_scores", "attn_probs"}));
}

TEST(Json, NamesEachVerdict) {
  const json::object document = parsed(samples::of_each_verdict());
  EXPECT_EQ(document.at("verdict").as_string(), "INVALID");
  const json::array& results = document.at("results").as_array();
  ASSERT_EQ(results.size(), samples::all_verdicts.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(std::string(results[i].at("verdict").as_string()), name(samples::all_verdicts[i]));
  }
}

TEST(Json, HasNullWhereThereIsNothing) {
  const json::object document = parsed({{with_verdict(Verdict::missing), with_verdict(Verdict::pass)}});
  const json::value& missing = document.at("results").as_array().at(0);
  const json::value& embedding = missing.at("sites").as_array().at(0);
  EXPECT_TRUE(embedding.at("layer").is_null()) << "a site of the model";
  const json::value& site = missing.at("sites").as_array().at(2);
  for (const char* const key : {"max_abs", "rel_l2", "max_ulp", "cosine", "expected", "actual"}) {
    EXPECT_TRUE(site.at(key).is_null()) << key;
  }
  EXPECT_TRUE(site.at("worst_index").as_array().empty());
  EXPECT_TRUE(document.at("results").as_array().at(1).at("first_divergence").is_null());
}

TEST(Json, WritesWhatIsNotFiniteAsAString) {
  golden::CaseResult result = with_verdict(Verdict::fail);
  result.sites[2].metrics.actual = -std::numeric_limits<double>::infinity();
  result.sites[2].metrics.max_abs = std::numeric_limits<double>::infinity();
  result.sites[2].metrics.rel_l2 = NAN;
  const json::object document = parsed({{result}});  // strict JSON
  const json::value& site = document.at("results").as_array().at(0).at("sites").as_array().at(2);
  EXPECT_EQ(site.at("actual").as_string(), "-Infinity");
  EXPECT_EQ(site.at("max_abs").as_string(), "Infinity");
  EXPECT_EQ(site.at("rel_l2").as_string(), "NaN");
}

TEST(Json, KeepsEveryBitOfADouble) {
  for (const double value : {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, 3.1415926535897931e-15}) {
    golden::CaseResult result = with_verdict(Verdict::invalid);
    result.seconds = value;
    const std::string text = to_json({{result}});
    const std::size_t at = text.find("\"seconds\": ") + 11;
    EXPECT_EQ(std::strtod(text.c_str() + at, nullptr), value);
  }
}

TEST(Json, EscapesWhatComesFromOutside) {
  golden::CaseResult result = with_verdict(Verdict::invalid);
  result.golden = "a\"b\\c\n\x01\xFF.h5";
  const json::object document = parsed({{result}});
  EXPECT_EQ(document.at("results").as_array().at(0).at("golden").as_string(), "a\"b\\c\n\x01\uFFFD.h5");
}

TEST(Json, CallsNothingVacuous) {
  const json::object document = parsed({});
  EXPECT_EQ(document.at("verdict").as_string(), "VACUOUS");
  EXPECT_TRUE(document.at("results").as_array().empty());
}

}  // namespace
}  // namespace assay::reports
