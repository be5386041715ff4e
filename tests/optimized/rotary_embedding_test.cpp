// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blocks/rotary_embedding.hpp"

#include <gtest/gtest.h>

#include "reference/blocks/rotary_embedding.hpp"
#include "tests/support/error_of.hpp"

namespace assay::optimized {
namespace {

template <class Config>
Config config_of(RopeType type) {
  Config config;
  config.head_dim = 10;
  config.hidden_size = 20;
  config.num_attention_heads = 2;
  config.max_position_embeddings = 8;
  config.rope.type = type;
  config.rope.factor = 3.0;
  config.rope.short_factor = {1.0, 1.25, 2.0, 2.5, 3.0};
  config.rope.long_factor = {2.0, 4.0, 5.0, 8.0, 9.5};
  config.rope.original_max_position_embeddings = 10;
  config.rope.low_freq_factor = 1.0;
  config.rope.high_freq_factor = 4.0;
  config.rope.short_mscale = 1.25;
  config.rope.long_mscale = 0.75;
  return config;
}

constexpr RopeType all_types[] = {RopeType::default_type, RopeType::linear, RopeType::dynamic,     RopeType::yarn,
                                  RopeType::longrope,     RopeType::llama3, RopeType::proportional};

/// Growth, a call within the growth, the length of the model itself, a short call, growth again, and both sides of the
/// original length.
constexpr std::int64_t lengths[] = {12, 9, 8, 7, 9, 23, 20, 10, 11, 10, 3, 1, 131072, 8};

void expect_same(const RopeFrequencies& actual, const reference::RopeFrequencies& expected) {
  EXPECT_EQ(std::vector<float>(actual.inv_freq.begin(), actual.inv_freq.end()), expected.inv_freq);
  EXPECT_EQ(actual.attention_factor, expected.attention_factor);
}

TEST(OptimizedRotaryEmbedding, RemembersAndChoosesAsTheScalarEngineDoes) {
  for (const RopeType type : all_types) {
    SCOPED_TRACE(name(type));
    const auto config = config_of<GraniteMoeConfig>(type);
    RotaryEmbedding rotary(config);
    reference::RotaryEmbedding expected(config);
    for (const std::int64_t seq : lengths) expect_same(rotary.frequencies(seq), expected.frequencies(seq));
    (void)rotary.frequencies(50);
    rotary.forget();
    expected.forget();
    expect_same(rotary.frequencies(8), expected.frequencies(8));
    expect_same(rotary.frequencies(9), expected.frequencies(9));
  }
}

TEST(OptimizedRotaryEmbedding, OfDynamicKeepsWhatItHasWhereAGrowthFails) {
  auto config = config_of<GraniteMoeConfig>(RopeType::dynamic);
  config.rope.factor = -1.0;
  RotaryEmbedding rotary(config);
  EXPECT_NE(test::error_of([&] { (void)rotary.frequencies(40); }), "");
  EXPECT_EQ(rotary.frequencies(8).inv_freq[0], 1.0F);
  EXPECT_GT(rotary.frequencies(8).inv_freq[4], 0.0F);
}

TEST(OptimizedPhimoeRotaryEmbedding, DoesAsTheScalarEngineInBothBehaviours) {
  for (const PhimoeLongrope longrope : {PhimoeLongrope::hf5, PhimoeLongrope::hf4}) {
    for (const RopeType type : all_types) {
      SCOPED_TRACE(std::string(name(type)) + " " + std::string(name(longrope)));
      auto config = config_of<PhimoeConfig>(type);
      config.longrope = longrope;
      PhimoeRotaryEmbedding rotary(config);
      const reference::PhimoeRotaryEmbedding expected(config);
      for (const std::int64_t seq : lengths) {
        for (const std::int64_t tokens : {seq, std::int64_t{10}, std::int64_t{11}}) {
          expect_same(rotary.frequencies(seq, tokens), expected.frequencies(seq, tokens));
        }
      }
    }
  }
}

TEST(OptimizedPhimoeRotaryEmbedding, OfHf4DiffersFromHf5OnlyBeyondTheOriginalLength) {
  auto config = config_of<PhimoeConfig>(RopeType::longrope);
  PhimoeRotaryEmbedding hf5(config);
  config.longrope = PhimoeLongrope::hf4;
  PhimoeRotaryEmbedding hf4(config);
  EXPECT_EQ(hf4.frequencies(10, 10).inv_freq[0], hf5.frequencies(10, 10).inv_freq[0]);
  EXPECT_EQ(hf5.frequencies(11, 11).inv_freq[0], 1.0F);
  EXPECT_EQ(hf4.frequencies(11, 11).inv_freq[0], 0.5F);
  EXPECT_EQ(hf4.frequencies(11, 11).attention_factor, 0.75);
  EXPECT_EQ(hf5.frequencies(11, 11).attention_factor, 0.75);
}

}  // namespace
}  // namespace assay::optimized
