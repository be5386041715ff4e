// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The judge against engines that break exactly one rule: the verdict must turn red, and at the site where the broken
// rule shows first. The numbers are those of the list of traps that the project started from.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/golden/rules.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

using golden::GoldenFile;
using golden::Verdict;

void expect_red(const Rule& rule, Precision precision) {
  const GoldenFile golden(committed_golden(rule.golden));
  BrokenModel model(golden);
  rule.break_it(model);
  const golden::CaseResult result = model.judged(precision);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(divergence_of(result), rule.site);
  ASSERT_TRUE(result.first_divergence);
  EXPECT_TRUE(result.first_divergence->command.find("--sites") != std::string::npos);
}

class BrokenRule : public testing::TestWithParam<Rule> {};

TEST_P(BrokenRule, IsRedAtItsSiteInFloat64) { expect_red(GetParam(), Precision::f64); }

std::string rule_name(const testing::TestParamInfo<Rule>& of_rule) { return of_rule.param.name; }

INSTANTIATE_TEST_SUITE_P(Attention, BrokenRule, testing::ValuesIn(attention_rules()), rule_name);
INSTANTIATE_TEST_SUITE_P(Experts, BrokenRule, testing::ValuesIn(expert_rules()), rule_name);
INSTANTIATE_TEST_SUITE_P(Mamba, BrokenRule, testing::ValuesIn(mamba_rules()), rule_name);
INSTANTIATE_TEST_SUITE_P(Model, BrokenRule, testing::ValuesIn(model_rules()), rule_name);

class BrokenRuleInFloat32 : public testing::TestWithParam<Rule> {};

TEST_P(BrokenRuleInFloat32, IsRedAtItsSite) { expect_red(GetParam(), Precision::f32); }

std::vector<Rule> above_float32_noise(std::vector<Rule> rules) {
  std::erase_if(rules, [](const Rule& rule) { return rule.size == Size::below_float32; });
  return rules;
}

INSTANTIATE_TEST_SUITE_P(Attention, BrokenRuleInFloat32, testing::ValuesIn(above_float32_noise(attention_rules())),
                         rule_name);
INSTANTIATE_TEST_SUITE_P(Experts, BrokenRuleInFloat32, testing::ValuesIn(above_float32_noise(expert_rules())),
                         rule_name);
INSTANTIATE_TEST_SUITE_P(Mamba, BrokenRuleInFloat32, testing::ValuesIn(above_float32_noise(mamba_rules())), rule_name);
INSTANTIATE_TEST_SUITE_P(Model, BrokenRuleInFloat32, testing::ValuesIn(above_float32_noise(model_rules())), rule_name);

class UnbrokenModel : public testing::TestWithParam<std::string> {};

/// Without this the red above would prove nothing: the same way of running, and nothing broken.
TEST_P(UnbrokenModel, IsGreenInEveryModeAndPrecision) {
  const GoldenFile golden(committed_golden(GetParam()));
  BrokenModel model(golden);
  for (const Precision precision : {Precision::f64, Precision::f32}) {
    for (const golden::Mode mode : {golden::Mode::free, golden::Mode::injected}) {
      const golden::CaseResult result = model.judged(precision, mode);
      EXPECT_EQ(golden::exit_code(result.verdict), 0)
          << name(precision) << " " << name(mode) << ": " << divergence_of(result);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, UnbrokenModel, testing::ValuesIn(committed_cases()),
                         [](const auto& of_case) { return of_case.param; });

// Rules whose breach changes the shape of a site: nothing behind it can be compared, and the judge says so.

/// "call 0 layer 0 router_experts: expected ..., the engine emitted ..."
std::string divergence_when(const std::string& case_name, const std::function<void(BrokenModel&)>& break_it) {
  const GoldenFile golden(committed_golden(case_name));
  BrokenModel model(golden);
  break_it(model);
  const golden::CaseResult result = model.judged(Precision::f64);
  EXPECT_EQ(result.verdict, Verdict::fail);
  if (!result.first_divergence) return "nothing";
  return fmt::format("{}: {}", divergence_of(result), result.first_divergence->site.note);
}

TEST(BrokenShape, OneExpertTooFewIsNamedAtTheRouter) {
  EXPECT_EQ(
      divergence_when("granitemoe_prefill", [](BrokenModel& m) { m.common_config().num_experts_per_tok = 2; }),
      "call 0 layer 0 router_experts: expected [12, 3], the engine emitted [12, 2]; nothing behind it was judged");
}

TEST(BrokenShape, RopeWhereTheConfigSaysNopeIsNamedAtTheFrequencies) {  // trap 14
  EXPECT_EQ(
      divergence_when("granitemoehybrid_prefill",
                      [](BrokenModel& m) { m.config<GraniteMoeHybridConfig>().position_embedding_type = "rope"; }),
      "call 0 rope_inv_freq: expected no such site, the engine emitted one; nothing behind it was judged");
}

TEST(BrokenShape, AWindowOneTooWideIsNamedAtTheMaskBeforeItChangesAShape) {  // trap 27
  EXPECT_EQ(
      divergence_when("phimoe_sliding_window", [](BrokenModel& m) { m.config<PhimoeConfig>().sliding_window = 5; }),
      "call 0 layer 0 attn_visible: ");
}

TEST(BrokenShape, ACacheThatForgetsToGoOnIsNamedAtTheMask) {  // every call starts anew
  const std::string divergence = divergence_when("granitemoe_cache", [](BrokenModel& m) {
    m.call_change = [](CallIndex, Call& call) { call.continues = false; };
  });
  EXPECT_EQ(divergence, "call 1 rope_cos: ");
}

}  // namespace
}  // namespace assay::test
