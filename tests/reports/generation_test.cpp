// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A generation in every report.
#include "reports/generation.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "reports/console.hpp"
#include "reports/json.hpp"
#include "reports/junit.hpp"
#include "reports/markdown.hpp"

namespace assay::reports {
namespace {

using golden::GenerationResult;
using golden::Verdict;

GenerationResult generation(Verdict verdict) {
  GenerationResult result;
  result.verdict = verdict;
  result.rows = 3;
  result.steps = 8;
  result.tokens = 20;
  result.worst_logits =
      golden::StepMetrics{.step = 4, .max_abs = 1e-13, .limit_max_abs = 4e-13, .rel_l2 = 2e-15, .limit_rel_l2 = 1e-12};
  result.command = "assay verify case.h5";
  if (verdict != Verdict::pass) {
    result.first_difference = golden::TokenDifference{
        .step = 3, .row = 1, .expected = 17, .actual = 5, .gap = 0.5, .bound = 1e-9, .verdict = verdict};
  }
  return result;
}

/// A case that is nothing but a generation.
golden::Verification verification(Verdict verdict) {
  golden::CaseResult result;
  result.golden = "case.h5";
  result.case_name = "generated";
  result.model_type = "granitemoe";
  result.engine = "reference";
  result.verdict = verdict;
  result.generation = generation(verdict);
  return {.results = {result}};
}

std::string console_of(Verdict verdict) { return console(verification(verdict), {Colour::never, Show::all}); }

TEST(GenerationReport, OfAPassIsOneLine) {
  EXPECT_TRUE(generation_facts(generation(Verdict::pass)).empty());
  EXPECT_NE(console_of(Verdict::pass).find("   0 ms      -      75% 20 tokens\n"), std::string::npos)
      << console_of(Verdict::pass);
}

TEST(GenerationReport, NamesTheFirstTokenThatDiffers) {
  EXPECT_EQ(token_text(generation(Verdict::fail)),
            "step 3, row 1: expected token 17, found 5 (gap 5.0e-01, limit 1.0e-09)");
  GenerationResult sampled = generation(Verdict::fail);
  sampled.sampled = true;
  EXPECT_EQ(token_text(sampled), "step 3, row 1: expected token 17, found 5 (draw off by 5.0e-01, limit 1.0e-09)");
  const std::string text = console_of(Verdict::fail);
  for (const char* part : {"    generated: 20 tokens compared, of 3 rows in 8 steps\n",
                           "    token:     step 3, row 1: ", "    logits:    step 4: max_abs 1.0e-13, limit 4.0e-13\n",
                           "    reproduce: assay verify case.h5\n"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << text;
  }
}

TEST(GenerationReport, CountsTies) {
  GenerationResult result = generation(Verdict::tie);
  result.tied_rows = 1;
  result.tied_filters = 2;
  const std::vector<Fact> all = generation_facts(result);
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[2].text, "1 row from where rounding chooses either token; nothing behind it is judged");
  EXPECT_EQ(all[3].text, "2 tokens at the border of a filter, where rounding lets it pass or not");
}

TEST(GenerationReport, IsInTheJson) {
  const std::string text = to_json(verification(Verdict::fail));
  for (const char* part : {"\"generation\": {", "\"do_sample\": false", "\"tokens\": 20", "\"expected\": 17",
                           "\"worst_logits\": {", "\"worst_probabilities\": null"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << text;
  }
  golden::Verification without = verification(Verdict::pass);
  without.results[0].generation.reset();
  EXPECT_EQ(to_json(without).find("\"generation\""), std::string::npos);
}

TEST(GenerationReport, IsInMarkdownAndJUnit) {
  const golden::Verification failed = verification(Verdict::fail);
  EXPECT_NE(to_markdown(failed).find("- token: step 3, row 1: expected token 17, found 5"), std::string::npos);
  EXPECT_NE(to_junit(failed).find("message=\"step 3, row 1: expected token 17"), std::string::npos);
  EXPECT_NE(to_junit(failed).find("<failure type=\"FAIL\""), std::string::npos);
}

TEST(GenerationReport, TakesAnErrorThatIsNoNumberForAllOfItsLimit) {
  GenerationResult result = generation(Verdict::fail);
  result.worst_logits->max_abs = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(used(result), std::numeric_limits<double>::infinity());
  EXPECT_EQ(generation_json(result).at("worst_logits").at("max_abs"), "NaN");
}

}  // namespace
}  // namespace assay::reports
