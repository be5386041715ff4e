// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How far losses may move, by numbers that can be checked by hand.
#include "golden/judge/loss_bound.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace assay::golden {
namespace {

using Numbers = std::vector<double>;

template <class T, std::size_t Rank>
Tensor<T, Rank> tensor(const std::array<std::size_t, Rank>& extents, const std::vector<T>& values) {
  Tensor<T, Rank> result(extents);
  std::ranges::copy(values, result.view().flat().begin());
  return result;
}

RecordedCall call_of(std::size_t batch, std::size_t tokens) {
  RecordedCall call;
  call.input_ids = Tensor<std::int64_t, 2>({batch, tokens});
  return call;
}

Config language_model() {
  GraniteMoeConfig config;
  config.num_local_experts = 2;
  config.num_experts_per_tok = 1;
  return config;
}

Config classifier(std::optional<ProblemType> type, std::size_t num_labels) {
  PhimoeConfig config;
  config.head = Head::sequence_classification;
  config.problem_type = type;
  config.num_labels = num_labels;
  return config;
}

TEST(LossBound, CrossEntropyMovesByTwiceTheLogits) {
  // log sum exp moves by at most what every logit moves, and the logit of the target by as much again.
  RecordedCall call = call_of(1, 3);
  call.labels = tensor<std::int64_t, 2>({1, 3}, {-100, 4, 5});
  EXPECT_DOUBLE_EQ(loss_error(language_model(), call, {}, 0.5), 1.0);
}

TEST(LossBound, OfASumOverItemsItIsThatManyTermsOverTheItems) {
  RecordedCall call = call_of(2, 3);
  // The first token of a row is nobody's target: three terms.
  call.labels = tensor<std::int64_t, 2>({2, 3}, {7, 4, -100, 7, 5, 6});
  call.num_items_in_batch = 12;
  EXPECT_DOUBLE_EQ(loss_error(language_model(), call, {}, 0.5), 2.0 * 3.0 / 12.0 * 0.5);
}

TEST(LossBound, OfNoTargetsIsNothing) {
  RecordedCall call = call_of(1, 2);
  call.labels = tensor<std::int64_t, 2>({1, 2}, {3, -100});
  call.num_items_in_batch = 12;
  EXPECT_EQ(loss_error(language_model(), call, {}, 0.5), 0.0);
}

TEST(LossBound, OfClassesIsThatOfOneCrossEntropy) {
  RecordedCall call = call_of(2, 3);
  call.labels = tensor<std::int64_t, 2>({2, 1}, {1, 0});
  EXPECT_DOUBLE_EQ(loss_error(classifier(std::nullopt, 2), call, Numbers{1, 2, 3, 4}, 0.25), 0.5);
}

TEST(LossBound, OfARegressionGrowsWithTheDistance) {
  RecordedCall call = call_of(2, 3);
  call.float_labels = tensor<float, 2>({2, 1}, {0, 2});
  // ((1 + 0.1) - 0)^2 - 1^2 = 0.21 and 0.1^2 = 0.01, and their mean.
  for (const std::optional<ProblemType> type : {std::optional<ProblemType>(), std::optional(ProblemType::regression)}) {
    EXPECT_DOUBLE_EQ(loss_error(classifier(type, 1), call, Numbers{1, 2}, 0.1), (0.21 + 0.01) / 2.0);
  }
}

TEST(LossBound, OfSeveralLabelsAtOnceIsTheSteepestSlope) {
  RecordedCall call = call_of(1, 3);
  call.float_labels = tensor<float, 2>({1, 2}, {0, 3});
  // The slope is sigmoid(z) - label: below 1 for the label 0, below 3 for the label 3.
  EXPECT_DOUBLE_EQ(loss_error(classifier(std::nullopt, 2), call, Numbers{1, 2}, 0.1), (1.0 + 3.0) / 2.0 * 0.1);
}

TEST(AuxLossBound, IsHalfOfTheExpertsTimesTheWorstLayer) {
  const std::vector<RouterLogits> layers{{{1, 0, 0, 3}, 0.25}, {{1, 0, 0, 3}, 0.125}};
  const LossBound bound = aux_loss_bound(language_model(), call_of(1, 2), layers);
  EXPECT_DOUBLE_EQ(bound.error, 0.5 * 2.0 * 0.25);
  EXPECT_EQ(bound.jump, 0.0) << "the logits are 1 and 3 apart, and move by 0.5 at most";
}

TEST(AuxLossBound, JumpsWhereTheLargestLogitMayBeAnother) {
  const std::vector<RouterLogits> layers{{{1, 0, 0, 3}, 0.5}};
  const LossBound bound = aux_loss_bound(language_model(), call_of(1, 2), layers);
  // The first token may count for the other expert: E * (1/2) * |q_0 - q_1|, q the mean of both softmaxes.
  const double first = 1.0 / (1.0 + std::exp(-1.0));
  const double second = 1.0 / (1.0 + std::exp(3.0));
  const double q_0 = (first + second) / 2.0;
  EXPECT_NEAR(bound.jump, 2.0 * 0.5 * std::abs(1.0 - 2.0 * q_0), 1e-15);
}

TEST(AuxLossBound, DoesNotJumpForATokenThatIsMasked) {
  RecordedCall call = call_of(1, 2);
  call.attention_mask = tensor<std::int64_t, 2>({1, 2}, {0, 1});
  const std::vector<RouterLogits> layers{{{1, 0, 0, 3}, 0.5}};
  EXPECT_EQ(aux_loss_bound(language_model(), call, layers).jump, 0.0);
}

TEST(AuxLossBound, DoesNotJumpWhereAllExpertsCount) {
  GraniteMoeConfig config;
  config.num_local_experts = 2;
  config.num_experts_per_tok = 2;
  const std::vector<RouterLogits> layers{{{1, 1, 1, 1}, 0.5}};
  EXPECT_EQ(aux_loss_bound(config, call_of(1, 2), layers).jump, 0.0);
}

}  // namespace
}  // namespace assay::golden
