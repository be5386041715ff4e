// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What may be chosen from scores that are known to within an error. Scores are logarithms, so that the probabilities
// are round numbers.
#include "golden/judge/generation_scores.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace assay::golden {
namespace {

using enum Kept;
using Statuses = std::vector<Kept>;

constexpr double unit = 0x1p-53;

/// One row whose prompt is token 0; the next token is not judged here.
RecordedGeneration sampled() {
  RecordedGeneration golden;
  golden.max_new_tokens = 1;
  golden.do_sample = true;
  golden.input_ids = Tensor<std::int64_t, 2>({1, 1});
  golden.attention_mask = Tensor<std::int64_t, 2>({1, 1});
  golden.attention_mask(0, 0) = 1;
  golden.sequences = Tensor<std::int64_t, 2>({1, 2});
  return golden;
}

std::vector<double> logs(std::vector<double> probabilities) {
  for (double& p : probabilities) p = std::log(p);
  return probabilities;
}

StepScores scores_of(const RecordedGeneration& golden, const std::vector<double>& probabilities) {
  return {golden, 0, 0, logs(probabilities)};
}

TEST(StepScores, AreStretchedByThePenaltyAndTheTemperature) {
  RecordedGeneration golden = sampled();
  const std::vector<double> logits{1, -2};
  EXPECT_EQ(StepScores(golden, 0, 0, logits).score_error(1e-3, 0.0), 1e-3);
  golden.temperature = 0.5;
  golden.repetition_penalty = 4;
  EXPECT_EQ(StepScores(golden, 0, 0, logits).score_error(1e-3, 0.0), 8e-3);
  golden.repetition_penalty = 0.25;
  EXPECT_EQ(StepScores(golden, 0, 0, logits).score_error(1e-3, 0.0), 8e-3);
  EXPECT_EQ(StepScores(golden, 0, 0, logits).score_error(0.0, 1.0), 4.0 * 8.0)
      << "of the largest score, 1 / 0.25 / 0.5";
}

TEST(StepScores, AllowAGreedyChoiceWithinTwiceTheError) {
  RecordedGeneration golden = sampled();
  golden.do_sample = false;
  const StepScores scores(golden, 0, 0, std::vector<double>{1.0, 3.0, 2.75});
  EXPECT_TRUE(scores.greedy(1, 0.0).holds());
  EXPECT_EQ(scores.greedy(2, 0.1).gap, 0.25);
  EXPECT_FALSE(scores.greedy(2, 0.12).holds());
  EXPECT_TRUE(scores.greedy(2, 0.125).holds());
}

TEST(StepScores, CountWhatTheRowHasSeenButNoPads) {
  RecordedGeneration golden = sampled();
  golden.do_sample = false;
  golden.repetition_penalty = 2;
  golden.input_ids = Tensor<std::int64_t, 2>({1, 2});
  golden.attention_mask = Tensor<std::int64_t, 2>({1, 2});
  golden.sequences = Tensor<std::int64_t, 2>({1, 4});
  golden.attention_mask(0, 1) = 1;
  golden.input_ids(0, 0) = golden.sequences(0, 0) = 2;  // a pad
  golden.input_ids(0, 1) = golden.sequences(0, 1) = 1;
  golden.sequences(0, 2) = 0;
  const std::vector<double> logits{4, 3, 2.5, -1};
  EXPECT_EQ(StepScores(golden, 0, 0, logits).greedy(1, 0).gap, 4 - 1.5);
  EXPECT_EQ(StepScores(golden, 1, 0, logits).greedy(0, 0).gap, 0.5) << "the token of the step before counts too";
}

TEST(KeptTokens, OfTopKAreInDoubtAtItsBorder) {
  RecordedGeneration golden = sampled();
  golden.top_k = 2;
  const StepScores scores = scores_of(golden, {0.4, 0.3, 0.2, 0.1});
  EXPECT_EQ(scores.kept(0, unit), (Statuses{yes, yes, no, no}));
  // log(0.3 / 0.2) is 0.405, log(0.4 / 0.2) is 0.693.
  EXPECT_EQ(scores.kept(0.2, unit), (Statuses{yes, yes, no, no}));
  EXPECT_EQ(scores.kept(0.21, unit), (Statuses{yes, maybe, maybe, no}));
  EXPECT_EQ(scores.kept(0.36, unit), (Statuses{maybe, maybe, maybe, no}));
}

TEST(KeptTokens, OfTopPAreInDoubtAtItsBorder) {
  RecordedGeneration golden = sampled();
  golden.top_p = 0.65;  // cumulative from below: 0.1, 0.3, 0.6, 1; above 0.35 stay
  const StepScores scores = scores_of(golden, {0.4, 0.3, 0.2, 0.1});
  EXPECT_EQ(scores.kept(0, unit), (Statuses{yes, yes, no, no}));
  EXPECT_EQ(scores.kept(0.05, unit), (Statuses{yes, yes, no, no}));
  // 0.3 e^(2 error) exceeds 0.35 from an error of 0.077 on.
  EXPECT_EQ(scores.kept(0.08, unit), (Statuses{yes, yes, maybe, no}));
}

TEST(KeptTokens, OfTopPThatAreEqualMayGoInAnyOrder) {
  RecordedGeneration golden = sampled();
  golden.top_p = 0.5;
  golden.top_k = 2;
  EXPECT_EQ(scores_of(golden, {0.2, 0.4, 0.4}).kept(1e-9, unit), (Statuses{no, maybe, maybe}));
}

TEST(KeptTokens, AlwaysHaveTheMostProbable) {
  RecordedGeneration golden = sampled();
  golden.top_p = 1e-30;
  EXPECT_EQ(scores_of(golden, {0.2, 0.5, 0.3}).kept(0.1, unit), (Statuses{no, yes, no}));
  EXPECT_EQ(scores_of(golden, {0.2, 0.5, 0.3}).kept(0.0, 0.0), (Statuses{no, yes, no}));
}

TEST(KeptTokens, OfMinPAreInDoubtAtItsBorder) {
  RecordedGeneration golden = sampled();
  golden.min_p = 0.5;
  const StepScores scores = scores_of(golden, {0.5, 0.26, 0.24});
  EXPECT_EQ(scores.kept(1e-3, unit), (Statuses{yes, yes, no}));
  EXPECT_EQ(scores.kept(0.02, unit), (Statuses{yes, maybe, no}));  // log(0.26 / 0.25) is 0.0392
  EXPECT_EQ(scores.kept(0.03, unit), (Statuses{yes, maybe, maybe}));
}

TEST(DrawnTokens, MustHoldTheDrawInTheirPart) {
  const RecordedGeneration golden = sampled();
  const StepScores scores = scores_of(golden, {0.25, 0.5, 0.25});
  const Statuses all{yes, yes, yes};
  const auto proof = [&](std::int64_t token, double draw, double error) {
    return scores.drawn(token, draw, all, error, unit);
  };
  EXPECT_TRUE(proof(0, 0.0, 0).holds());
  EXPECT_TRUE(proof(1, 0.5, 0).holds());
  EXPECT_TRUE(proof(2, 0.999, 0).holds());
  EXPECT_FALSE(proof(0, 0.26, 1e-3).holds());
  EXPECT_NEAR(proof(0, 0.26, 1e-3).gap, 0.01, 1e-12);
  EXPECT_FALSE(proof(1, 0.24, 1e-3).holds());
  // 0.25 e^(2 error) / (0.25 e^(2 error) + 0.75) exceeds 0.26 from an error of 0.0263 on.
  EXPECT_FALSE(proof(0, 0.26, 0.026).holds());
  EXPECT_TRUE(proof(0, 0.26, 0.027).holds());
  EXPECT_TRUE(proof(1, 0.24, 0.03).holds());
}

TEST(DrawnTokens, MoveWithWhatAFilterMayLetPass) {
  RecordedGeneration golden = sampled();
  golden.top_k = 1;
  // Token 0 or 2 is the most probable: rounding decides. Token 1 is neither.
  const StepScores scores = scores_of(golden, {0.4, 0.2, 0.4000001});
  const Statuses kept = scores.kept(1e-6, unit);
  EXPECT_EQ(kept, (Statuses{maybe, no, maybe}));
  EXPECT_TRUE(scores.drawn(0, 0.9, kept, 1e-6, unit).holds());
  EXPECT_TRUE(scores.drawn(2, 0.1, kept, 1e-6, unit).holds());
  EXPECT_FALSE(scores.drawn(1, 0.5, kept, 1e-6, unit).holds()) << "what no filter lets pass no draw may choose";
}

}  // namespace
}  // namespace assay::golden
