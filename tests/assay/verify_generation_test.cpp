// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay verify on goldens that hold a generation: with calls and without, right and wrong.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include "tests/assay/program.hpp"
#include "tests/support/generated_golden.hpp"

namespace assay::test {
namespace {

using golden::RecordedGeneration;

/// Three prompts of different lengths.
RecordedGeneration three_prompts() {
  RecordedGeneration how;
  how.max_new_tokens = 8;
  set_prompts(how, {{3, 14, 15, 9, 2, 6}, {5}, {8, 9, 7}});
  return how;
}

RecordedGeneration sampled() {
  RecordedGeneration how = three_prompts();
  how.do_sample = true;
  how.temperature = 0.8;
  how.top_k = 9;
  how.top_p = 0.9;
  how.min_p = 0.02;
  how.repetition_penalty = 1.2;
  how.uniform = Tensor<double, 2>({8, 3});
  double draw = 0.1;
  for (double& value : how.uniform.view().flat()) {
    draw = draw + 0.37 < 1.0 ? draw + 0.37 : draw - 0.63;
    value = draw;
  }
  return how;
}

class GenerationVerified : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] static ChildResult verify(const GoldenCopy& copy, const std::vector<std::string>& more = {}) {
    // In float64: the reference stands for transformers here, which is no null distribution. Float32 and the optimized
    // engine are judged by committed goldens below.
    std::vector<std::string> arguments{"verify", copy.file(), "--engine", "reference", "--precision", "f64"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return assay_program(arguments);
  }

  /// Without its calls, so that only the generation counts.
  [[nodiscard]] static RecordedGeneration generated(GoldenCopy& copy, const RecordedGeneration& how) {
    RecordedGeneration run = recorded_run(copy, how);
    copy.remove("/calls");
    write_generation(copy, run);
    return run;
  }
};

TEST_P(GenerationVerified, HoldsGreedilyAndSampled) {
  for (RecordedGeneration how : {three_prompts(), sampled()}) {
    GoldenCopy copy(GetParam());
    // A token that a row meets early ends it.
    how.eos_token_id = {recorded_run(copy, how).token(2, 1)};
    how.pad_token_id = 0;
    const RecordedGeneration run = generated(copy, how);
    const ChildResult result = verify(copy);
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_NE(result.out.find(std::to_string(run.steps() * run.rows()) + " tokens\n"), std::string::npos) << result.out;
    EXPECT_EQ(result.out.find("TIE"), std::string::npos) << result.out;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, GenerationVerified,
                         testing::Values("granitemoe_prefill", "granitemoeshared_prefill", "granitemoehybrid_prefill",
                                         "phimoe_prefill"),
                         [](const auto& of_case) { return of_case.param; });

class CommittedGeneration : public testing::TestWithParam<std::string> {};

TEST_P(CommittedGeneration, IsMadeByEveryEngineAsByTransformers) {
  const ChildResult result =
      assay_program({"verify", golden_argument(GetParam()), "--engine", has_optimized_engine() ? "all" : "reference"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
}

INSTANTIATE_TEST_SUITE_P(Of, CommittedGeneration, testing::ValuesIn(committed_generations()),
                         [](const auto& of_case) { return of_case.param; });

class GenerationOfOneModel : public GenerationVerified {};

INSTANTIATE_TEST_SUITE_P(Of, GenerationOfOneModel, testing::Values("granitemoe_prefill"),
                         [](const auto& of_case) { return of_case.param; });

TEST_P(GenerationOfOneModel, CountsBesideTheCalls) {
  GoldenCopy copy(GetParam());
  RecordedGeneration run = recorded_run(copy, three_prompts());
  write_generation(copy, run);
  EXPECT_EQ(verify(copy).exit_code, 0);
  const std::int64_t right = run.token(3, 2);
  run.sequences(2, run.width() + 3) = right == 1 ? 2 : 1;
  write_generation(copy, run);
  EXPECT_EQ(verify(copy).exit_code, 1);
  EXPECT_EQ(verify(copy, {"--sites", "logits"}).exit_code, 0) << "who asks for sites does not ask for a generation";
}

TEST_P(GenerationOfOneModel, FailsWithAnotherTokenAndSaysWhich) {
  GoldenCopy copy(GetParam());
  RecordedGeneration run = generated(copy, three_prompts());
  const std::int64_t right = run.token(3, 2);
  const std::int64_t wrong = right == 1 ? 2 : 1;
  run.sequences(2, run.width() + 3) = wrong;
  write_generation(copy, run);
  const ChildResult result =
      assay_program({"verify", copy.file(), "--engine", "reference", "--precision", "f64", "--json", "-"});
  EXPECT_EQ(result.exit_code, 1);
  const auto generation = json_of(result.out).at("results").at(0).at("generation");
  EXPECT_EQ(generation.at("verdict"), "FAIL");
  EXPECT_EQ(generation.at("rows"), 3);
  EXPECT_EQ(generation.at("steps"), 8);
  EXPECT_EQ(generation.at("tokens"), 8 + 8 + 4);
  const auto& first = generation.at("first_difference");
  EXPECT_EQ(first.at("step"), 3);
  EXPECT_EQ(first.at("row"), 2);
  EXPECT_EQ(first.at("expected"), wrong);
  EXPECT_EQ(first.at("actual"), right);
  EXPECT_EQ(generation.at("note"), "step 3, row 2: the recorded token is not what the golden's own values give");

  const ChildResult text = assay_program({"verify", copy.file(), "--engine", "reference", "--precision", "f64"});
  for (const char* part : {"FAIL     granitemoe_prefill", "    generated: 20 tokens compared, of 3 rows in 8 steps\n",
                           "    token:     step 3, row 2: expected token ", "    reproduce: assay verify "}) {
    EXPECT_NE(text.out.find(part), std::string::npos) << part << text.out;
  }
}

TEST_P(GenerationOfOneModel, IsATieWhereRoundingChooses) {
  GoldenCopy copy(GetParam());
  RecordedGeneration run = generated(copy, three_prompts());
  // As if two logits were equal but for the last places, and float32 had chosen the other one.
  const std::int64_t right = run.token(7, 0);
  const std::int64_t other = right == 1 ? 2 : 1;
  const auto best = static_cast<std::size_t>(right);
  const auto second = static_cast<std::size_t>(other);
  const double truth = run.truth_logits(7, 0, best);
  run.sequences(0, run.width() + 7) = other;
  run.hf32_logits(7, 0, best) = truth - 1e-6;
  run.truth_logits(7, 0, second) = truth;
  run.hf32_logits(7, 0, second) = truth;
  write_generation(copy, run);
  const ChildResult result =
      assay_program({"verify", copy.file(), "--engine", "reference", "--precision", "f64", "--json", "-"});
  // The engine's own logit of the other token is not that of the golden: what fails is the logits, not the token.
  const auto generation = json_of(result.out).at("results").at(0).at("generation");
  EXPECT_EQ(generation.at("first_difference").at("verdict"), "TIE");
  EXPECT_EQ(generation.at("tied_rows"), 1);
  EXPECT_EQ(generation.at("note"), "the logits of step 7 are beyond their limit");
}

TEST_P(GenerationOfOneModel, IsRefusedWhereItCannotBeRead) {
  GoldenCopy copy(GetParam());
  (void)generated(copy, three_prompts());
  copy.remove("/generation/sequences");
  expect_cannot_judge(assay_program({"verify", copy.file(), "--engine", "reference", "--precision", "f64", "--quiet"}),
                      copy.file() + ": /generation/sequences: expected a dataset, found none");
}

}  // namespace
}  // namespace assay::test
