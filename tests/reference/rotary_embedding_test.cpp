// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/rotary_embedding.hpp"

#include <gtest/gtest.h>

#include "tests/support/error_of.hpp"

namespace assay::reference {
namespace {

constexpr std::size_t head_dim = 8;
constexpr std::size_t length_of_the_model = 8;  // M

template <class Config>
Config config_of(const RopeConfig& rope) {
  Config config;
  config.head_dim = head_dim;
  config.hidden_size = 16;
  config.num_attention_heads = 2;
  config.max_position_embeddings = length_of_the_model;
  config.rope = rope;
  return config;
}

RopeConfig dynamic_rope() {
  RopeConfig rope;
  rope.type = RopeType::dynamic;
  rope.factor = 3.0;
  return rope;
}

RopeConfig longrope() {
  RopeConfig rope;
  rope.type = RopeType::longrope;
  rope.short_factor = {1.0, 1.25, 2.0, 2.5};
  rope.long_factor = {2.0, 4.0, 5.0, 8.0};
  rope.original_max_position_embeddings = 4;
  return rope;
}

RopeConfig with_mscales(RopeConfig rope) {
  rope.original_max_position_embeddings = 4;
  rope.short_mscale = 1.25;
  rope.long_mscale = 0.75;
  return rope;
}

/// Those of a sequence of this length, without any memory.
std::vector<float> fresh(const RopeConfig& rope, std::optional<std::int64_t> seq) {
  return rope_frequencies(rope, head_dim, length_of_the_model, seq).inv_freq;
}

TEST(RotaryEmbedding, OfDynamicRemembersTheLongestSequenceUntilAShortOne) {
  const RopeConfig rope = dynamic_rope();
  RotaryEmbedding rotary(config_of<GraniteMoeConfig>(rope));
  // transformers 5.23.0, GraniteMoeRotaryEmbedding: inv_freq after calls of these lengths.
  EXPECT_EQ(rotary.frequencies(12).inv_freq, fresh(rope, 12));
  EXPECT_EQ(rotary.frequencies(9).inv_freq, fresh(rope, 12));
  EXPECT_EQ(rotary.frequencies(8).inv_freq, fresh(rope, 12)) << "exactly max_position_embeddings is not short";
  EXPECT_EQ(rotary.frequencies(7).inv_freq, fresh(rope, std::nullopt));
  EXPECT_EQ(rotary.frequencies(9).inv_freq, fresh(rope, 9));
  EXPECT_EQ(rotary.frequencies(23).inv_freq, fresh(rope, 23));
  EXPECT_EQ(rotary.frequencies(20).inv_freq, fresh(rope, 23));
}

TEST(RotaryEmbedding, OfDynamicForgetsWhenItIsTold) {
  const RopeConfig rope = dynamic_rope();
  RotaryEmbedding rotary(config_of<GraniteMoeConfig>(rope));
  (void)rotary.frequencies(23);
  rotary.forget();
  EXPECT_EQ(rotary.frequencies(8).inv_freq, fresh(rope, std::nullopt));
  EXPECT_EQ(rotary.frequencies(9).inv_freq, fresh(rope, 9));
}

TEST(RotaryEmbedding, OfLongropeChoosesInEveryCall) {
  const RopeConfig rope = longrope();
  RotaryEmbedding rotary(config_of<GraniteMoeConfig>(rope));
  EXPECT_EQ(rotary.frequencies(5).inv_freq, fresh(rope, 5));
  EXPECT_EQ(rotary.frequencies(4).inv_freq, fresh(rope, 4));
  EXPECT_EQ(rotary.frequencies(5).inv_freq, fresh(rope, 5));
  EXPECT_NE(fresh(rope, 4), fresh(rope, 5));
}

TEST(RotaryEmbedding, IsNotBuiltWithoutFrequencies) {
  RopeConfig rope = dynamic_rope();
  rope.factor = -1.0;
  RotaryEmbedding rotary(config_of<GraniteMoeConfig>(rope));
  EXPECT_EQ(test::error_of([&] { (void)rotary.frequencies(40); }),
            "rope type dynamic: inverse frequency 1: expected a finite number, found -nan");
  rope.type = RopeType::linear;
  rope.factor = 0.0;
  EXPECT_EQ(test::error_of([&] { RotaryEmbedding(config_of<GraniteMoeConfig>(rope)); }),
            "rope type linear: inverse frequency 0: expected a finite number, found inf");
}

TEST(PhimoeRotaryEmbedding, AlwaysTakesTheShortFactors) {
  const RopeConfig rope = with_mscales(longrope());
  const PhimoeRotaryEmbedding rotary(config_of<PhimoeConfig>(rope));
  EXPECT_EQ(rotary.frequencies(4, 4).inv_freq, fresh(rope, 4));
  EXPECT_EQ(rotary.frequencies(5, 5).inv_freq, fresh(rope, 4));
}

TEST(PhimoeRotaryEmbedding, NeverStretchesDynamically) {
  const RopeConfig rope = with_mscales(dynamic_rope());
  const PhimoeRotaryEmbedding rotary(config_of<PhimoeConfig>(rope));
  EXPECT_EQ(rotary.frequencies(23, 23).inv_freq, fresh(rope, std::nullopt));
}

TEST(PhimoeRotaryEmbedding, MultipliesByOneMscaleOrTheOtherWhateverTheType) {
  RopeConfig linear;
  linear.type = RopeType::linear;
  linear.factor = 2.0;
  for (const RopeConfig& rope : {with_mscales(longrope()), with_mscales(linear)}) {
    const PhimoeRotaryEmbedding rotary(config_of<PhimoeConfig>(rope));
    EXPECT_EQ(rotary.frequencies(4, 9).attention_factor, 1.25) << "position ids count, not tokens";
    EXPECT_EQ(rotary.frequencies(5, 1).attention_factor, 0.75);
  }
  const PhimoeRotaryEmbedding plain(config_of<PhimoeConfig>(RopeConfig()));
  EXPECT_EQ(plain.frequencies(5, 5).attention_factor, 1.0);
}

TEST(PhimoeRotaryEmbedding, OfHf4TakesTheLongFactorsBeyondTheOriginalLength) {
  const RopeConfig rope = with_mscales(longrope());
  PhimoeConfig config = config_of<PhimoeConfig>(rope);
  config.longrope = PhimoeLongrope::hf4;
  const PhimoeRotaryEmbedding rotary(config);
  EXPECT_EQ(rotary.frequencies(9, 4).inv_freq, fresh(rope, 4)) << "tokens count, not position ids";
  EXPECT_EQ(rotary.frequencies(9, 4).attention_factor, 1.25);
  EXPECT_EQ(rotary.frequencies(1, 5).inv_freq, fresh(rope, 5));
  EXPECT_EQ(rotary.frequencies(1, 5).attention_factor, 0.75);
}

TEST(PhimoeRotaryEmbedding, OfHf4StretchesDynamicallyWithoutAMemory) {
  const RopeConfig rope = with_mscales(dynamic_rope());
  PhimoeConfig config = config_of<PhimoeConfig>(rope);
  config.longrope = PhimoeLongrope::hf4;
  const PhimoeRotaryEmbedding rotary(config);
  EXPECT_EQ(rotary.frequencies(23, 23).inv_freq, fresh(rope, 23));
  EXPECT_EQ(rotary.frequencies(9, 9).inv_freq, fresh(rope, 9));
}

}  // namespace
}  // namespace assay::reference
