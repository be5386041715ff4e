// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "generation/choice.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/error_of.hpp"

namespace assay::generation {
namespace {

using test::error_of;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

std::int64_t argmax_of(const std::vector<float>& logits) { return argmax(std::span<const float>(logits)); }

TEST(Argmax, IsTheFirstOfTheLargest) {
  EXPECT_EQ(argmax_of({-3, -1, -2}), 1);
  EXPECT_EQ(argmax_of({2, 5, 5, 1}), 1);
  EXPECT_EQ(argmax_of({0, 0, 0}), 0);
  EXPECT_EQ(argmax_of({7}), 0);
  const std::vector<double> wide{1, 2, 3};
  EXPECT_EQ(argmax(std::span<const double>(wide)), 2);
}

TEST(Argmax, OfNoNumberIsRefused) {
  for (const auto& logits : {std::vector<float>{1, nan, 3}, {nan, 1, 2}, {1, 2, nan}}) {
    const std::string message = error_of([&] { (void)argmax_of(logits); });
    EXPECT_NE(message.find("expected a number, found NaN"), std::string::npos) << message;
  }
}

TEST(InvertCumulative, IsTheFirstIndexWhoseSumExceedsTheDraw) {
  const std::vector<double> probabilities{0.0, 0.25, 0.0, 0.5, 0.25, 0.0};
  const auto at = [&](double draw) { return invert_cumulative(std::span<const double>(probabilities), draw); };
  EXPECT_EQ(at(0.0), 1) << "never a token without a probability";
  EXPECT_EQ(at(0.2499), 1);
  EXPECT_EQ(at(0.25), 3) << "a sum that equals the draw does not exceed it";
  EXPECT_EQ(at(0.7499), 3);
  EXPECT_EQ(at(0.75), 4);
  EXPECT_EQ(at(1.0 - 0x1p-53), 4);
}

TEST(InvertCumulative, EndsAtTheLastTokenWhereRoundingLosesTheRest) {
  const std::vector<float> probabilities{0.5F, 0.4F, 0.0F};
  EXPECT_EQ(invert_cumulative(std::span<const float>(probabilities), 0.95), 1);
}

/// A chooser for one row of four tokens.
std::int64_t choose(const Decoding& decoding, const std::vector<float>& logits, double draw = 0.0,
                    const std::vector<std::int64_t>& seen = {}) {
  TokenChooser chooser(decoding, 1, logits.size());
  for (const std::int64_t token : seen) chooser.saw(0, token);
  return chooser.choose(0, std::span<const float>(logits), draw);
}

TEST(TokenChooser, PenalisesWhatTheRowHasSeen) {
  const std::vector<float> logits{1.0F, 2.0F, 1.5F, -1.0F};
  EXPECT_EQ(choose({.repetition_penalty = 1.5}, logits, 0, {1}), 2);
  EXPECT_EQ(choose({.repetition_penalty = 1.5}, logits, 0, {3, 0}), 1);
  EXPECT_EQ(choose({.repetition_penalty = 0.5}, logits, 0, {2}), 2) << "a penalty below 1 is a reward";
}

TEST(TokenChooser, KeepsTheRowsApart) {
  const std::vector<float> logits{1.0F, 2.0F};
  TokenChooser chooser({.repetition_penalty = 4.0}, 2, 2);
  chooser.saw(1, 1);
  EXPECT_EQ(chooser.choose(0, std::span<const float>(logits), 0), 1);
  EXPECT_EQ(chooser.choose(1, std::span<const float>(logits), 0), 0);
}

TEST(TokenChooser, AppliesTheTemperatureBeforeTopP) {
  // Probabilities 0.09, 0.24, 0.67; at temperature 4 they are 0.25, 0.33, 0.42.
  const std::vector<float> logits{1.0F, 2.0F, 3.0F};
  Decoding decoding{.sampling = Sampling{.top_p = 0.6}};
  EXPECT_EQ(choose(decoding, logits, 0.0), 2);
  decoding.sampling->temperature = 4.0;
  EXPECT_EQ(choose(decoding, logits, 0.0), 1);
}

TEST(TokenChooser, ShowsWhatItHasDrawnFrom) {
  const std::vector<double> logits{0.0, 0.0, -1000.0};
  TokenChooser chooser({.sampling = Sampling{.top_k = 2}}, 1, 3);
  EXPECT_EQ(chooser.choose(0, std::span<const double>(logits), 0.6), 1);
  const auto shown = std::get<std::span<const double>>(chooser.probabilities());
  EXPECT_EQ((std::vector<double>(shown.begin(), shown.end())), (std::vector<double>{0.5, 0.5, 0.0}));
}

TEST(TokenChooser, RefusesWhatIsNoDistribution) {
  const Decoding sampled{.sampling = Sampling{}};
  EXPECT_EQ(error_of([&] { (void)choose(sampled, {1, nan}); }), "logits: token 1: expected a number, found NaN");
  EXPECT_EQ(error_of([&] {
              (void)choose(sampled, {1, infinity});
            }),
            "scores: expected a finite number as the largest, found inf");
  EXPECT_EQ(error_of([&] {
              (void)choose({.repetition_penalty = 1e-300}, {0, 1}, 0, {0});
            }),
            "logits: token 0: expected a number, found NaN")
      << "the penalty is 0 in float32";
}

TEST(TokenChooser, RefusesADecodingOutOfRange) {
  EXPECT_EQ(error_of([] { TokenChooser({.repetition_penalty = 0}, 1, 1); }),
            "repetition_penalty: expected a finite number above 0, found 0");
}

}  // namespace
}  // namespace assay::generation
