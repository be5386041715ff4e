// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The expected values are what the classes of transformers 5.23.0 print with torch 2.13 for
//   s = torch.tensor([[1.0, 2.5, -1.0, 2.5, 0.0, 3.0, -2.0]]); ids = torch.tensor([[5, 2, 4, 5]])
#include "generation/processors.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/error_of.hpp"

namespace assay::generation {
namespace {

using Floats = std::vector<float>;

constexpr float out = -std::numeric_limits<float>::infinity();

const Floats scores{1.0F, 2.5F, -1.0F, 2.5F, 0.0F, 3.0F, -2.0F};

Floats top_k(std::size_t k) {
  Floats values = scores;
  Floats scratch;
  keep_top_k(std::span<float>(values), k, scratch);
  return values;
}

Floats top_p(double p) {
  Floats values = scores;
  std::vector<std::size_t> scratch;
  keep_top_p(std::span<float>(values), p, scratch);
  return values;
}

Floats min_p(double p) {
  Floats values = scores;
  Floats scratch(values.size());
  keep_min_p(std::span<float>(values), p, std::span<float>(scratch));
  return values;
}

// RepetitionPenaltyLogitsProcessor(1.3)(ids, s)
TEST(RepetitionPenalty, DividesWhatIsPositiveAndMultipliesWhatIsNegative) {
  Floats values = scores;
  penalise_repetition(std::span<float>(values), std::vector<std::uint8_t>{0, 0, 1, 0, 1, 1, 0}, 1.3);
  EXPECT_EQ(values, (Floats{1.0F, 2.5F, -1.299999952F, 2.5F, 0.0F, 2.307692289F, -2.0F}));
}

// TemperatureLogitsWarper(0.7)(ids, s)
TEST(Temperature, DividesInTheTypeOfTheScores) {
  Floats values = scores;
  apply_temperature(std::span<float>(values), 0.7);
  EXPECT_EQ(values,
            (Floats{1.428571463F, 3.571428537F, -1.428571463F, 3.571428537F, 0.0F, 4.285714149F, -2.857142925F}));
  std::vector<double> wide{1.0};
  apply_temperature(std::span<double>(wide), 0.7);
  EXPECT_EQ(wide[0], 1.0 / 0.7);
}

// TopKLogitsWarper(k)(ids, s)
TEST(TopK, KeepsWhatEqualsTheKthToo) {
  EXPECT_EQ(top_k(1), (Floats{out, out, out, out, out, 3.0F, out}));
  EXPECT_EQ(top_k(2), (Floats{out, 2.5F, out, 2.5F, out, 3.0F, out}));
  EXPECT_EQ(top_k(3), (Floats{out, 2.5F, out, 2.5F, out, 3.0F, out}));
}

TEST(TopK, OfTheVocabularyOrMoreKeepsAll) {
  EXPECT_EQ(top_k(7), scores);
  EXPECT_EQ(top_k(50), scores);
}

// TopPLogitsWarper(p)(ids, s)
TEST(TopP, KeepsTheFewestThatMakeUpThePart) {
  EXPECT_EQ(top_p(0.3), (Floats{out, out, out, out, out, 3.0F, out}));
  EXPECT_EQ(top_p(0.5), (Floats{out, out, out, 2.5F, out, 3.0F, out})) << "of equal scores the lower id goes first";
  EXPECT_EQ(top_p(0.8), (Floats{out, 2.5F, out, 2.5F, out, 3.0F, out}));
  EXPECT_EQ(top_p(0.99), (Floats{1.0F, 2.5F, -1.0F, 2.5F, 0.0F, 3.0F, out}));
}

TEST(TopP, HoweverSmallKeepsTheMostProbable) { EXPECT_EQ(top_p(1e-30), top_k(1)); }

TEST(TopP, PassesOverWhatIsFilteredOutAlready) {
  Floats values{out, 0.0F, 0.0F, out};
  std::vector<std::size_t> scratch;
  keep_top_p(std::span<float>(values), 0.75, scratch);
  EXPECT_EQ(values, (Floats{out, 0.0F, 0.0F, out}));
  keep_top_p(std::span<float>(values), 0.5, scratch);
  EXPECT_EQ(values, (Floats{out, out, 0.0F, out})) << "a cumulative probability of exactly 1 - top_p goes";
}

// MinPLogitsWarper(p)(ids, s)
TEST(MinP, MeasuresByTheMostProbable) {
  EXPECT_EQ(min_p(0.0), scores);
  EXPECT_EQ(min_p(0.1), (Floats{1.0F, 2.5F, out, 2.5F, out, 3.0F, out}));
  EXPECT_EQ(min_p(0.5), (Floats{out, 2.5F, out, 2.5F, out, 3.0F, out}));
  EXPECT_EQ(min_p(0.7), (Floats{out, out, out, out, out, 3.0F, out}));
  EXPECT_EQ(min_p(1.0), (Floats{out, out, out, out, out, 3.0F, out}));
}

// s.softmax(-1)
TEST(Softmax, IsThatOfTorch) {
  Floats probabilities(scores.size());
  softmax(std::span<const float>(scores), std::span<float>(probabilities));
  const Floats expected{0.055848967F, 0.250297695F, 0.007558336F, 0.250297695F,
                        0.020545686F, 0.412671149F, 0.002780556F};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_FLOAT_EQ(probabilities[i], expected[i]) << i;
}

TEST(Softmax, GivesNothingToWhatIsFilteredOut) {
  Floats probabilities(3);
  softmax(std::span<const float>(Floats{out, 7.0F, out}), std::span<float>(probabilities));
  EXPECT_EQ(probabilities, (Floats{0.0F, 1.0F, 0.0F}));
}

TEST(Softmax, OfNoNumberIsRefused) {
  Floats probabilities(2);
  const auto refusal = [&](const Floats& values) {
    return test::error_of([&] { softmax(std::span<const float>(values), std::span<float>(probabilities)); });
  };
  EXPECT_EQ(refusal({out, out}), "scores: expected a finite number as the largest, found -inf");
  EXPECT_EQ(refusal({-out, 1.0F}), "scores: expected a finite number as the largest, found inf");
}

}  // namespace
}  // namespace assay::generation
