// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/rope_frequencies.hpp"

#include <numbers>

#include "tests/reference/numbers.hpp"
#include "tests/support/error_of.hpp"

namespace assay::reference {
namespace {

using test::error_of;
using test::expect_near;

// Numbers in hexadecimal are those of transformers 5.23.0 and torch 2.13.0:
//   ROPE_INIT_FUNCTIONS[rope_type](GraniteMoeConfig(head_dim=d, max_position_embeddings=M, rope_parameters={...}),
//                                  seq_len=...)
// whose length is a torch.tensor for dynamic, as dynamic_rope_update hands it over.

RopeConfig of(RopeType type) {
  RopeConfig rope;
  rope.type = type;
  return rope;
}

RopeConfig dynamic_rope() {
  RopeConfig rope = of(RopeType::dynamic);
  rope.factor = 3.0;
  return rope;
}

std::vector<float> dynamic_of(std::optional<std::int64_t> seq) {
  return rope_frequencies(dynamic_rope(), 8, 8, seq).inv_freq;
}

RopeConfig yarn_rope() {
  RopeConfig rope = of(RopeType::yarn);
  rope.factor = 4.0;
  rope.original_max_position_embeddings = 32;
  return rope;
}

RopeConfig longrope() {
  RopeConfig rope = of(RopeType::longrope);
  rope.short_factor = {1.0, 1.25, 2.0, 2.5};
  rope.long_factor = {2.0, 4.0, 5.0, 8.0};
  rope.original_max_position_embeddings = 4;
  return rope;
}

RopeConfig llama3_rope() {
  RopeConfig rope = of(RopeType::llama3);
  rope.factor = 8.0;
  rope.low_freq_factor = 1.0;
  rope.high_freq_factor = 4.0;
  rope.original_max_position_embeddings = 64;
  return rope;
}

TEST(DefaultInvFreq, FallsGeometricallyFromOne) {
  expect_near(default_inv_freq(10000, 8), {1.0F, 0.1F, 0.01F, 0.001F}, 1e-9);
  EXPECT_EQ(default_inv_freq(10000, 4), (std::vector<float>{1.0F, 0.01F}));
}

TEST(DefaultInvFreq, RoundsEveryStepToFloat32) {
  // What torch gives; the correctly rounded numbers are 0x1.7c3d2cp-5 and 0x1.1a62d6p-9.
  EXPECT_EQ(default_inv_freq(10000, 6), (std::vector<float>{1.0F, 0x1.7c3d2ap-5F, 0x1.1a62d2p-9F}));
}

TEST(DefaultInvFreq, RoundsTheBaseToFloat32) {
  // 2^24 + 1 is no float32; its square root would be 4096.00012.
  EXPECT_EQ(default_inv_freq(16777217.0, 4), (std::vector<float>{1.0F, 1.0F / 4096.0F}));
}

TEST(RopeFrequencies, AreDividedByTheLinearFactor) {
  RopeConfig rope = of(RopeType::linear);
  rope.factor = 4.0;
  EXPECT_EQ(rope_frequencies(rope, 8, 64).inv_freq,
            (std::vector<float>{0.25F, 0x1.99999ap-6F, 0x1.47ae14p-9F, 0x1.0624dep-12F}));
  rope.rope_theta = 777.7;
  rope.factor = 2.5;
  EXPECT_EQ(rope_frequencies(rope, 6, 64).inv_freq,
            (std::vector<float>{0x1.99999ap-2F, 0x1.64531cp-5F, 0x1.35fa88p-8F}));
  EXPECT_EQ(rope_frequencies(rope, 6, 64).attention_factor, 1.0);
}

TEST(RopeFrequencies, OfDynamicAreTheDefaultUpToTheLengthOfTheModel) {
  const std::vector<float> unstretched = default_inv_freq(10000, 8);
  EXPECT_EQ(dynamic_of(std::nullopt), unstretched);
  EXPECT_EQ(dynamic_of(8), unstretched);
  EXPECT_EQ(dynamic_of(3), unstretched);
}

TEST(RopeFrequencies, OfDynamicShrinkWithTheLengthBeyondIt) {
  EXPECT_EQ(dynamic_of(9), (std::vector<float>{1.0F, 0x1.70593ep-4F, 0x1.09005ap-7F, 0x1.7d4ce4p-11F}));
  EXPECT_EQ(dynamic_of(12), (std::vector<float>{1.0F, 0x1.2dcbbep-4F, 0x1.63c8bep-8F, 0x1.a36e2ep-12F}));
  EXPECT_EQ(dynamic_of(23), (std::vector<float>{1.0F, 0x1.b42cf0p-5F, 0x1.73948ep-9F, 0x1.3c8d1ep-13F}));
}

TEST(RopeFrequencies, OfDynamicStretchTheBase) {
  // d = 4, M = 8, length 16: theta' = 16 (2 * 16 / 8 - 1)^2 = 144.
  RopeConfig rope = of(RopeType::dynamic);
  rope.rope_theta = 16.0;
  rope.factor = 2.0;
  EXPECT_EQ(rope_frequencies(rope, 4, 8, 16).inv_freq, (std::vector<float>{1.0F, 1.0F / 12.0F}));
}

TEST(RopeFrequencies, OfYarnGoOverFromOwnToDivided) {
  // Places of 32 and 1 turns in 32 positions: -3.2 and 2.8 of 8 pairs; from 0 to 3 the share of the divided grows.
  const RopeFrequencies frequencies = rope_frequencies(yarn_rope(), 16, 64);
  EXPECT_EQ(frequencies.inv_freq,
            (std::vector<float>{1.0F, 0x1.94c584p-3F, 0x1.99999ap-6F, 0x1.030dc6p-7F, 0x1.47ae14p-9F, 0x1.9e7c7p-11F,
                                0x1.0624dep-12F, 0x1.4b96cp-14F}));
  EXPECT_EQ(frequencies.attention_factor, 0x1.237d37fe5d298p+0) << "0.1 ln 4 + 1";
}

TEST(RopeFrequencies, OfYarnTakeEveryOption) {
  RopeConfig rope = yarn_rope();
  rope.factor = std::nullopt;  // 64 / 16
  rope.original_max_position_embeddings = 16;
  rope.beta_fast = 3.0;
  rope.beta_slow = 0.25;
  rope.mscale = 0.7;
  rope.mscale_all_dim = 1.3;
  rope.truncate = false;
  const RopeFrequencies frequencies = rope_frequencies(rope, 16, 64);
  EXPECT_EQ(frequencies.inv_freq,
            (std::vector<float>{1.0F, 0x1.96b2f6p-3F, 0x1.a35a42p-6F, 0x1.030dc6p-7F, 0x1.47ae14p-9F, 0x1.9e7c7p-11F,
                                0x1.0624dep-12F, 0x1.4b96cp-14F}));
  EXPECT_EQ(frequencies.attention_factor, 0x1.dbea80d16433ap-1) << "(0.07 ln 4 + 1) / (0.13 ln 4 + 1)";
}

TEST(RopeFrequencies, OfYarnTakeTheAttentionFactorOfTheDictionary) {
  RopeConfig rope = yarn_rope();
  rope.mscale = 0.7;
  EXPECT_EQ(rope_frequencies(rope, 16, 64).attention_factor, 0x1.237d37fe5d298p+0) << "one mscale alone says nothing";
  rope.attention_factor = 1.5;
  EXPECT_EQ(rope_frequencies(rope, 16, 64).attention_factor, 1.5);
  rope.attention_factor = std::nullopt;
  rope.factor = 0.5;
  EXPECT_EQ(rope_frequencies(rope, 16, 64).attention_factor, 1.0);
}

TEST(RopeFrequencies, OfYarnHaveARangeEvenWhereItsEndsMeet) {
  // Places -1.1 and -0.07 become 0 and 0: every pair but the first is divided.
  RopeConfig rope = yarn_rope();
  rope.factor = 8.0;
  rope.original_max_position_embeddings = 16;
  rope.beta_slow = 3.0;
  EXPECT_EQ(rope_frequencies(rope, 8, 64).inv_freq,
            (std::vector<float>{1.0F, 0x1.99999ap-7F, 0x1.47ae14p-10F, 0x1.0624dep-13F}));
}

TEST(RopeFrequencies, OfLongropeSwitchBehindTheOriginalLength) {
  const std::vector<float> is_short{1.0F, 0x1.47ae14p-4F, 0x1.47ae14p-8F, 0x1.a36e2ep-12F};
  const std::vector<float> is_long{0.5F, 0x1.99999ap-6F, 0x1.0624dep-9F, 0x1.0624dep-13F};
  EXPECT_EQ(rope_frequencies(longrope(), 8, 16).inv_freq, is_short);
  EXPECT_EQ(rope_frequencies(longrope(), 8, 16, 4).inv_freq, is_short);
  EXPECT_EQ(rope_frequencies(longrope(), 8, 16, 5).inv_freq, is_long);
}

TEST(RopeFrequencies, OfLongropeHaveAnAttentionFactor) {
  RopeConfig rope = longrope();
  EXPECT_EQ(rope_frequencies(rope, 8, 16).attention_factor, std::numbers::sqrt2) << "sqrt(1 + ln(16 / 4) / ln 4)";
  EXPECT_EQ(rope_frequencies(rope, 8, 16, 5).attention_factor, std::numbers::sqrt2) << "it does not switch";
  rope.factor = 16.0;
  EXPECT_EQ(rope_frequencies(rope, 8, 16).attention_factor, std::numbers::sqrt3);
  rope.factor = 0.5;
  EXPECT_EQ(rope_frequencies(rope, 8, 16).attention_factor, 1.0);
  rope.attention_factor = 1.5;
  EXPECT_EQ(rope_frequencies(rope, 8, 16).attention_factor, 1.5);
}

TEST(RopeFrequencies, OfLlama3KeepShortWavesAndDivideLongOnes) {
  // Wavelengths 6.3, 20, 63, 200, ...: below 16 kept, above 64 divided by 8, the second and third between.
  EXPECT_EQ(rope_frequencies(llama3_rope(), 16, 64).inv_freq,
            (std::vector<float>{1.0F, 0x1.f47fe8p-3F, 0x1.ab5e6p-7F, 0x1.030dc6p-8F, 0x1.47ae14p-10F, 0x1.9e7c7p-12F,
                                0x1.0624dep-13F, 0x1.4b96cp-15F}));
}

TEST(RopeFrequencies, OfProportionalAreZeroBehindTheFirst) {
  RopeConfig rope = of(RopeType::proportional);
  rope.partial_rotary_factor = 0.5;
  EXPECT_EQ(rope_frequencies(rope, 8, 64).inv_freq, (std::vector<float>{1.0F, 0x1.99999ap-4F, 0.0F, 0.0F}));
  rope.partial_rotary_factor = 0.8;  // int(0.8 * 8 // 2) = 3
  rope.factor = 4.0;
  EXPECT_EQ(rope_frequencies(rope, 8, 64).inv_freq, (std::vector<float>{0.25F, 0x1.99999ap-6F, 0x1.47ae14p-9F, 0.0F}));
  rope = of(RopeType::proportional);
  EXPECT_EQ(rope_frequencies(rope, 8, 64).inv_freq, default_inv_freq(10000, 8));
}

TEST(RopeFrequencies, ThatAreNotNumbersAreRefused) {
  RopeConfig linear = of(RopeType::linear);
  linear.factor = 0.0;
  EXPECT_EQ(error_of([&] { (void)rope_frequencies(linear, 8, 64); }),
            "rope type linear: inverse frequency 0: expected a finite number, found inf");
  EXPECT_EQ(error_of([&] { (void)rope_frequencies(dynamic_rope(), 2, 64); }),
            "head_dim: expected 4 or more with rope type dynamic, found 2");
  RopeConfig yarn = yarn_rope();
  yarn.rope_theta = 1.0;
  EXPECT_EQ(error_of([&] { (void)rope_frequencies(yarn, 8, 64); }),
            "rope type yarn: expected a finite place of beta 32 (rope_theta 1), found -inf");
  yarn.rope_theta = 1e4;
  yarn.attention_factor = 1e300 * 1e300;
  EXPECT_EQ(error_of([&] { (void)rope_frequencies(yarn, 8, 64); }),
            "rope type yarn: attention factor: expected a finite number, found inf");
  RopeConfig llama3 = llama3_rope();
  llama3.low_freq_factor = 0.0;
  EXPECT_EQ(error_of([&] { (void)rope_frequencies(llama3, 8, 64); }),
            "rope type llama3: expected low_freq_factor and high_freq_factor, found 0");
}

}  // namespace
}  // namespace assay::reference
