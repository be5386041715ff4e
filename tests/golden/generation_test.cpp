// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The judge of generations: each verdict once, and what must not pass.
#include "golden/judge/generation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "golden/judge/effective_rows.hpp"
#include "golden/judge/metrics.hpp"
namespace assay::golden {
namespace {

using Row = std::vector<double>;

constexpr std::size_t vocab_size = 4;

/// Two rows of two steps; token n of row b in step s has the logit of `logits[s][b][n]`.
class JudgedGeneration : public testing::Test {
 protected:
  JudgedGeneration() {
    golden.max_new_tokens = 2;
    golden.input_ids = Tensor<std::int64_t, 2>({2, 1});
    golden.attention_mask = Tensor<std::int64_t, 2>({2, 1});
    golden.attention_mask(0, 0) = golden.attention_mask(1, 0) = 1;
    golden.sequences = Tensor<std::int64_t, 2>({2, 3});
    golden.has_truth = true;
    golden.truth_logits = golden.hf32_logits = Tensor<double, 3>({2, 2, vocab_size});
    const Row rows[2][2] = {{{1, 2, 3, 0}, {4, 1, 2, 0}}, {{0, 5, 1, 2}, {1, 0, 2, 3}}};
    const std::int64_t tokens[2][2] = {{2, 0}, {1, 3}};
    for (std::size_t s = 0; s < 2; ++s) {
      for (std::size_t b = 0; b < 2; ++b) {
        for (std::size_t n = 0; n < vocab_size; ++n) {
          golden.truth_logits(s, b, n) = golden.hf32_logits(s, b, n) = rows[s][b][n];
        }
        golden.sequences(b, 1 + s) = tokens[s][b];
      }
    }
    actual_logits = golden.truth_logits;
  }

  /// The engine's tokens, [step][row].
  [[nodiscard]] GenerationResult judged(const std::vector<std::vector<std::int64_t>>& tokens) const {
    GenerationJudge judge(golden, exam);
    for (std::size_t s = 0; s < tokens.size(); ++s) {
      for (std::size_t b = 0; b < tokens[s].size(); ++b) {
        const std::size_t known = std::min<std::size_t>(s, 1);
        const auto probabilities =
            actual_probs.empty() ? std::span<const double>() : actual_probs.view()[known][b].flat();
        judge.chosen(s, b, actual_logits.view()[known][b].flat(), probabilities, tokens[s][b]);
      }
    }
    return judge.result();
  }

  /// Turns the golden into a sampled one, and the engine's probabilities into the golden's.
  void sample(double draw) {
    golden.do_sample = true;
    golden.uniform = Tensor<double, 2>({2, 2});
    golden.truth_probs = Tensor<double, 3>({2, 2, vocab_size});
    for (std::size_t s = 0; s < 2; ++s) {
      for (std::size_t b = 0; b < 2; ++b) {
        golden.uniform(s, b) = draw;
        double sum = 0;
        for (std::size_t n = 0; n < vocab_size; ++n) sum += std::exp(golden.truth_logits(s, b, n));
        for (std::size_t n = 0; n < vocab_size; ++n) {
          golden.truth_probs(s, b, n) = std::exp(golden.truth_logits(s, b, n)) / sum;
        }
      }
    }
    golden.hf32_probs = actual_probs = golden.truth_probs;
  }

  RecordedGeneration golden;
  Tensor<double, 3> actual_logits;
  Tensor<double, 3> actual_probs;
  GenerationExam exam;
};

TEST_F(JudgedGeneration, HasTheNoiseOfItsOwnRowsAndTheGatesOfItsGolden) {
  exam.precision = Precision::f32;
  SiteGates gates;
  gates.tensor = 2.0;
  gates.largest = 4.0;
  // Rows of step 0 are off by 3e-5 and 4e-5 together 5e-5, those of step 1 by nothing.
  exam.calibration = GenerationCalibration{{.max_abs = 1e-5, .rows = {3e-5F, 4e-5F, 0.0F, 0.0F}}, gates};
  const double samples = effective_rows(golden.truth_logits.view()[0].flat(), vocab_size);
  const double scale = norm_l2(golden.truth_logits.view()[0].flat());
  const GenerationResult result = judged({{2, 0}, {1, 3}});
  EXPECT_EQ(result.verdict, Verdict::pass);
  actual_logits(0, 0, 0) += 1e-9;
  const StepMetrics step = judged({{2, 0}, {1, 3}}).worst_logits.value();
  EXPECT_EQ(step.step, 0U);
  EXPECT_NEAR(step.limit_rel_l2, 2.0 * sample_factor({}, samples) * 5e-5 / scale, 1e-10);
  EXPECT_NEAR(step.limit_max_abs, 4.0 * sample_factor({}, samples) * 1e-5, 1e-12);
  actual_logits(0, 0, 0) += 5e-4;
  EXPECT_EQ(judged({{2, 0}, {1, 3}}).verdict, Verdict::fail);
}

TEST_F(JudgedGeneration, PassesWithTheRecordedTokens) {
  const GenerationResult result = judged({{2, 0}, {1, 3}});
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_EQ(result.tokens, 4U);
  EXPECT_EQ(result.rows, 2U);
  EXPECT_EQ(result.steps, 2U);
  EXPECT_FALSE(result.first_difference);
  ASSERT_TRUE(result.worst_logits);
  EXPECT_EQ(result.worst_logits->max_abs, 0.0);
  EXPECT_EQ(result.note, "");
}

TEST_F(JudgedGeneration, FailsWithAnotherTokenAndSaysWhich) {
  const GenerationResult result = judged({{2, 0}, {2, 3}});
  EXPECT_EQ(result.verdict, Verdict::fail);
  ASSERT_TRUE(result.first_difference);
  EXPECT_EQ(result.first_difference->step, 1U);
  EXPECT_EQ(result.first_difference->row, 0U);
  EXPECT_EQ(result.first_difference->expected, 1);
  EXPECT_EQ(result.first_difference->actual, 2);
  EXPECT_EQ(result.first_difference->gap, 4.0);
  EXPECT_LT(result.first_difference->bound, 1e-10);
}

TEST_F(JudgedGeneration, FailsWithLogitsBeyondTheirLimitThoughTheTokensAreRight) {
  actual_logits(1, 1, 0) += 1e-9;
  const GenerationResult result = judged({{2, 0}, {1, 3}});
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.note, "the logits of step 1 are beyond their limit");
  EXPECT_EQ(result.worst_logits->step, 1U);
  exam.precision = Precision::f32;
  EXPECT_EQ(judged({{2, 0}, {1, 3}}).verdict, Verdict::pass) << "float32 may be off by more";
}

TEST_F(JudgedGeneration, FailsWithALogitThatIsNotANumber) {
  actual_logits(0, 0, 0) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(judged({{2, 0}, {1, 3}}).verdict, Verdict::fail);
}

TEST_F(JudgedGeneration, IsATieWhereRoundingMayChooseEither) {
  golden.truth_logits(0, 1, 2) = 4 + 1e-12;  // above the recorded token 0, by less than twice a limit of 1e-12 * 4
  golden.hf32_logits(0, 1, 2) = 4;
  actual_logits = golden.truth_logits;
  const GenerationResult result = judged({{2, 2}, {1, 0}});
  EXPECT_EQ(result.verdict, Verdict::tie);
  EXPECT_EQ(result.tied_rows, 1U);
  EXPECT_EQ(result.tokens, 3U) << "nothing behind a tie is judged";
  EXPECT_EQ(result.first_difference->verdict, Verdict::tie);
  EXPECT_EQ(judged({{2, 2}, {2, 0}}).verdict, Verdict::fail) << "the other row still is";
}

TEST_F(JudgedGeneration, IsATieWhereFloat32HasChosenAgainstTheTruth) {
  golden.truth_logits(0, 1, 2) = 4 + 1e-6;
  golden.hf32_logits(0, 1, 2) = 4 - 1e-7;
  actual_logits = golden.truth_logits;
  EXPECT_EQ(judged({{2, 2}, {1, 0}}).verdict, Verdict::tie);
  golden.hf32_logits(0, 1, 2) = 4 + 1e-6;  // then its choice was another
  const GenerationResult result = judged({{2, 2}, {1, 0}});
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.note, "step 0, row 1: the recorded token is not what the golden's own values give");
}

TEST_F(JudgedGeneration, FailsWhereTheEngineStopsEarly) {
  const GenerationResult result = judged({{2, 0}});
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.note, "expected 2 steps, the engine made 1");
}

TEST_F(JudgedGeneration, WithoutATruthIsHeldAgainstFloat32) {
  golden.has_truth = false;
  golden.truth_logits = {};
  actual_logits(0, 0, 1) += 1e-5;
  EXPECT_EQ(judged({{2, 0}, {1, 3}}).verdict, Verdict::pass);
  actual_logits(0, 0, 1) += 1e-3;
  EXPECT_EQ(judged({{2, 0}, {1, 3}}).verdict, Verdict::fail);
}

TEST_F(JudgedGeneration, FailsWhereNoStepWasMade) {
  EXPECT_EQ(GenerationJudge(golden, exam).result().verdict, Verdict::fail);
}

TEST_F(JudgedGeneration, PassesWithTheDrawnTokens) {
  sample(0.5);  // the recorded tokens hold more than half: all but token 2 of [1, 2, 3, 0]
  const GenerationResult result = judged({{2, 0}, {1, 3}});
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_TRUE(result.sampled);
  EXPECT_EQ(result.worst_probabilities->max_abs, 0.0);
}

TEST_F(JudgedGeneration, FailsWithATokenThatTheDrawDoesNotChoose) {
  sample(0.5);
  const GenerationResult result = judged({{1, 0}, {1, 3}});
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_GT(result.first_difference->gap, 0.01);
  EXPECT_LT(result.first_difference->bound, 1e-10);
}

TEST_F(JudgedGeneration, FailsWhereTheGoldensOwnTokenIsNotDrawn) {
  sample(0.5);
  golden.sequences(0, 1) = 0;
  const GenerationResult result = judged({{2, 0}, {1, 3}});
  EXPECT_EQ(result.verdict, Verdict::fail) << "the engine is right, but a wrong golden must not make a tie";
  EXPECT_EQ(result.note, "step 0, row 0: the recorded token is not what the golden's own values give");
}

TEST_F(JudgedGeneration, IsATieWhereTheDrawIsAtABorder) {
  sample(0.5);
  const double e = std::exp(1.0);
  golden.uniform(0, 0) = (e + e * e) / (1 + e + e * e + e * e * e);  // the border of tokens 1 and 2
  EXPECT_EQ(judged({{1, 0}, {1, 3}}).verdict, Verdict::tie);
  golden.uniform(0, 0) += 1e-6;
  EXPECT_EQ(judged({{1, 0}, {1, 3}}).verdict, Verdict::fail);
}

TEST_F(JudgedGeneration, FailsWithProbabilitiesBeyondTheirLimit) {
  sample(0.5);
  actual_probs(1, 0, 1) *= 1 + 1e-6;
  const GenerationResult result = judged({{2, 0}, {1, 3}});
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.note.substr(0, 15), "step 1, row 0: ");
  EXPECT_GT(result.worst_probabilities->max_abs, result.worst_probabilities->limit_max_abs);
  actual_probs(1, 0, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(judged({{2, 0}, {1, 3}}).verdict, Verdict::fail);
}

TEST_F(JudgedGeneration, FailsWhereAFilterLetsAnotherTokenPass) {
  sample(0.5);
  actual_probs(0, 0, 3) = 0;
  const GenerationResult result = judged({{2, 0}, {1, 3}});
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.note, "step 0, row 0: token 3 does not pass the filters, in the golden it does");
}

TEST_F(JudgedGeneration, IsATieWhereAFiltersBorderIsWithinTheError) {
  golden.top_k = 3;
  golden.truth_logits(0, 0, 3) = golden.hf32_logits(0, 0, 3) = 1 - 1e-13;  // beside token 0 with 1
  actual_logits = golden.truth_logits;
  sample(0.5);
  const auto drop = [](Tensor<double, 3>& probs, std::size_t s, std::size_t b, std::size_t token) {
    const double rest = 1 - probs(s, b, token);
    probs(s, b, token) = 0;
    for (std::size_t n = 0; n < vocab_size; ++n) probs(s, b, n) /= rest;
  };
  const std::size_t least[2][2] = {{3, 3}, {0, 1}};
  for (std::size_t s = 0; s < 2; ++s) {
    for (std::size_t b = 0; b < 2; ++b) drop(golden.truth_probs, s, b, least[s][b]);
  }
  Tensor<double, 3> all = actual_probs;
  actual_probs = golden.truth_probs;
  EXPECT_EQ(judged({{2, 0}, {1, 3}}).verdict, Verdict::pass);
  drop(all, 0, 0, 0);
  for (std::size_t n = 0; n < vocab_size; ++n) actual_probs(0, 0, n) = all(0, 0, n);
  const GenerationResult result = judged({{2, 0}, {1, 3}});
  EXPECT_EQ(result.verdict, Verdict::tie);
  EXPECT_EQ(result.tied_filters, 2U);
}

}  // namespace
}  // namespace assay::golden
