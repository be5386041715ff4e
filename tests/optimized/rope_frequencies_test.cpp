// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/rope_frequencies.hpp"

#include <gtest/gtest.h>

#include "reference/ops/rope_frequencies.hpp"
#include "tests/support/error_of.hpp"

namespace assay::optimized {
namespace {

constexpr std::size_t max_position_embeddings = 48;

/// A dictionary of every type, for heads of so many pairs.
std::vector<RopeConfig> dictionaries(std::size_t pairs) {
  std::vector<RopeConfig> all;
  for (const RopeType type : {RopeType::default_type, RopeType::linear, RopeType::dynamic, RopeType::yarn,
                              RopeType::longrope, RopeType::llama3, RopeType::proportional}) {
    RopeConfig rope;
    rope.type = type;
    rope.rope_theta = 8765.4321;  // no float32
    if (type != RopeType::default_type) rope.factor = 2.7;
    rope.original_max_position_embeddings = 19;
    rope.low_freq_factor = 0.9;
    rope.high_freq_factor = 3.7;
    rope.partial_rotary_factor = 0.6;
    for (std::size_t i = 0; i < pairs; ++i) {
      rope.short_factor.push_back(1.0 + 0.1 * static_cast<double>(i));
      rope.long_factor.push_back(2.0 + 0.3 * static_cast<double>(i));
    }
    all.push_back(rope);
  }
  RopeConfig yarn = all[3];
  yarn.factor = std::nullopt;
  yarn.beta_fast = 2.5;
  yarn.beta_slow = 0.3;
  yarn.mscale = 0.7;
  yarn.mscale_all_dim = 1.3;
  yarn.truncate = false;
  all.push_back(yarn);
  yarn.attention_factor = 1.7;
  all.push_back(yarn);
  return all;
}

TEST(OptimizedRopeFrequencies, HaveTheBitsOfTheScalarEngine) {
  for (const std::size_t pairs : {2U, 3U, 5U, 17U, 64U}) {
    for (const RopeConfig& rope : dictionaries(pairs)) {
      for (const std::optional<std::int64_t> seq :
           std::vector<std::optional<std::int64_t>>{{}, 1, 19, 20, 49, 131072}) {
        std::vector<float> inv_freq(pairs);
        const double factor = rope_frequencies(rope, max_position_embeddings, seq, inv_freq);
        const auto expected = reference::rope_frequencies(rope, 2 * pairs, max_position_embeddings, seq);
        EXPECT_EQ(inv_freq, expected.inv_freq) << name(rope.type) << ", " << pairs << " pairs, " << seq.value_or(-1);
        EXPECT_EQ(factor, expected.attention_factor) << name(rope.type);
      }
    }
  }
}

TEST(OptimizedRopeFrequencies, ThatAreNotNumbersAreRefused) {
  std::vector<float> inv_freq(4);
  const auto refusal = [&](const RopeConfig& rope, std::span<float> out) {
    return test::error_of([&] { (void)rope_frequencies(rope, max_position_embeddings, std::nullopt, out); });
  };
  std::vector<RopeConfig> rope = dictionaries(4);
  rope[1].factor = 0.0;
  EXPECT_EQ(refusal(rope[1], inv_freq), "rope type linear: inverse frequency 0: expected a finite number, found inf");
  EXPECT_EQ(refusal(rope[2], std::span(inv_freq).first(1)),
            "head_dim: expected 4 or more with rope type dynamic, found 2");
  rope[3].rope_theta = 1.0;
  EXPECT_EQ(refusal(rope[3], inv_freq),
            "rope type yarn: expected a finite place of beta 32 (rope_theta 1), found -inf");
  rope[8].attention_factor = 1e300 * 1e300;
  EXPECT_EQ(refusal(rope[8], inv_freq), "rope type yarn: attention factor: expected a finite number, found inf");
  rope[5].high_freq_factor = 0.0;
  EXPECT_EQ(refusal(rope[5], inv_freq), "rope type llama3: expected low_freq_factor and high_freq_factor, found 0");
}

}  // namespace
}  // namespace assay::optimized
