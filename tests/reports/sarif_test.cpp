// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The properties that SARIF 2.1.0 requires, and what ours mean.
#include "reports/sarif.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <set>
#include <string>

#include "tests/reports/samples.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;
using golden::Verdict;
using samples::with_verdict;

json::object run_of(const golden::Verification& verification) {
  const json::value log = json::parse(to_sarif(verification, "0.1.0"));
  EXPECT_EQ(log.at("version").as_string(), "2.1.0");
  EXPECT_EQ(log.at("$schema").as_string(), "https://json.schemastore.org/sarif-2.1.0.json");
  EXPECT_EQ(log.at("runs").as_array().size(), 1U);
  return log.at("runs").at(0).as_object();
}

json::object result_of(const golden::CaseResult& result) {
  const json::object run = run_of({{result}});
  const json::array& results = run.at("results").as_array();
  EXPECT_EQ(results.size(), 1U);
  return results.at(0).as_object();
}

TEST(Sarif, HasARuleForEverySite) {
  const json::object run = run_of({});
  const json::object& driver = run.at("tool").at("driver").as_object();
  EXPECT_EQ(driver.at("name").as_string(), "assay");
  EXPECT_EQ(driver.at("version").as_string(), "0.1.0");
  const json::array& rules = driver.at("rules").as_array();
  EXPECT_EQ(rules.size(), all_sites().size() + 2);
  std::set<std::string> ids;
  for (const json::value& rule : rules) {
    ids.emplace(rule.at("id").as_string());
    EXPECT_FALSE(rule.at("shortDescription").at("text").as_string().empty());
    EXPECT_FALSE(rule.at("fullDescription").at("text").as_string().empty());
  }
  EXPECT_EQ(ids.size(), rules.size()) << "no id twice";
  for (const SiteInfo& site : all_sites()) EXPECT_TRUE(ids.contains(std::string(site.name))) << site.name;
  EXPECT_TRUE(run.at("results").as_array().empty());
}

TEST(Sarif, HasTheRequiredPropertiesOfEachResult) {
  const json::object run = run_of(samples::of_each_verdict());
  const json::array& rules = run.at("tool").at("driver").at("rules").as_array();
  const json::array& results = run.at("results").as_array();
  EXPECT_EQ(results.size(), samples::all_verdicts.size() - 1) << "none for the pass";
  for (const json::value& result : results) {
    EXPECT_FALSE(result.at("message").at("text").as_string().empty());
    const auto at = static_cast<std::size_t>(result.at("ruleIndex").as_int64());
    EXPECT_EQ(rules.at(at).at("id"), result.at("ruleId"));
    const json::value& place = result.at("locations").at(0).at("physicalLocation");
    EXPECT_EQ(place.at("artifactLocation").at("uri").as_string(), "golden/data/phimoe_cache.h5");
    EXPECT_EQ(place.at("region").at("startLine").as_int64(), 1);
    EXPECT_EQ(result.at("partialFingerprints").as_object().size(), 1U);
  }
  EXPECT_FALSE(run.at("invocations").at(0).at("executionSuccessful").as_bool()) << "one could not be judged";
}

TEST(Sarif, NamesOfAFailureSiteLayerAndCommand) {
  const json::object result = result_of(with_verdict(Verdict::fail));
  EXPECT_EQ(result.at("ruleId").as_string(), "moe_out");
  EXPECT_EQ(result.at("level").as_string(), "error");
  const json::value& place = result.at("locations").at(0).at("logicalLocations").at(0);
  EXPECT_EQ(place.at("name").as_string(), "moe_out");
  EXPECT_EQ(place.at("fullyQualifiedName").as_string(), "calls/0/layers/1/moe_out");
  const std::string command = with_verdict(Verdict::fail).first_divergence->command;
  EXPECT_EQ(result.at("properties").at("reproduce").as_string(), command);
  EXPECT_NEAR(result.at("properties").at("digits").as_double(), 1.5, 0.01);
  const std::string text(result.at("message").at("text").as_string());
  EXPECT_TRUE(text.starts_with("FAIL phimoe_cache (reference f64, free): moe_out, layer 1, call 0: rel_l2 3.1e-02"))
      << text;
  EXPECT_NE(text.find("\nreproduce: " + command + "\n"), std::string::npos) << text;
}

TEST(Sarif, HasTheLevelOfTheVerdict) {
  EXPECT_EQ(result_of(with_verdict(Verdict::marginal)).at("level").as_string(), "warning");
  EXPECT_EQ(result_of(with_verdict(Verdict::marginal)).at("ruleId").as_string(), "moe_out");
  EXPECT_EQ(result_of(with_verdict(Verdict::tie)).at("level").as_string(), "note");
  EXPECT_EQ(result_of(with_verdict(Verdict::stale)).at("level").as_string(), "error");
  EXPECT_EQ(result_of(with_verdict(Verdict::stale)).at("ruleId").as_string(), "unjudged");
}

TEST(Sarif, HasARuleForGenerations) {
  golden::CaseResult result = with_verdict(Verdict::fail);
  result.first_divergence.reset();
  result.sites.clear();
  result.generation.emplace();
  result.generation->verdict = Verdict::fail;
  EXPECT_EQ(result_of(result).at("ruleId").as_string(), "generation");
}

TEST(Sarif, DoublesBracesThatWouldBePlaceholders) {
  golden::CaseResult result = with_verdict(Verdict::invalid);
  result.error = "expected {0}";
  const std::string text(result_of(result).at("message").at("text").as_string());
  EXPECT_NE(text.find("expected {{0}}"), std::string::npos) << text;
}

TEST(FileUri, EncodesWhatAUriCannotHold) {
  EXPECT_EQ(file_uri("golden/data/a_b-1.h5"), "golden/data/a_b-1.h5");
  EXPECT_EQ(file_uri("a b%\xC3\xA4.h5"), "a%20b%25%C3%A4.h5");
  EXPECT_EQ(file_uri("/tmp/a.h5"), "file:///tmp/a.h5");
}

}  // namespace
}  // namespace assay::reports
