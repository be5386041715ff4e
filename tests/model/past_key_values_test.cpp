// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/past_key_values.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/config_text.hpp"
#include "tests/support/error_of.hpp"

namespace assay::test {
namespace {

constexpr std::size_t batch = 2;
constexpr std::size_t tokens = 5;

Config granite() { return parse_config(granite_moe_text(), "config.json"); }
/// Layers of Mamba2, attention and Mamba2: 96 inner and 192 convolved channels, 12 heads of 8, state 16, four taps.
Config hybrid() { return parse_config(granite_moe_hybrid_text(), "config.json"); }
Config window_of(std::size_t window) {
  return parse_config(with(phimoe_text(), "\"sliding_window\": " + std::to_string(window)), "config.json");
}

LayerPast attention_past(std::size_t keys = tokens) {
  LayerPast layer;
  layer.keys = Tensor<float, 4>({batch, 2, keys, 8});
  layer.values = Tensor<float, 4>({batch, 2, keys, 8});
  return layer;
}

LayerPast mamba_past() {
  LayerPast layer;
  layer.conv_state = Tensor<float, 3>({batch, 192, 4});
  layer.ssm_state = Tensor<float, 4>({batch, 12, 8, 16});
  return layer;
}

PastKeyValues granite_past(std::size_t keys = tokens) {
  return {tokens, {attention_past(keys), attention_past(keys), attention_past(keys)}};
}
PastKeyValues hybrid_past() { return {tokens, {mamba_past(), attention_past(), mamba_past()}}; }

std::string refusal_of(const Config& config, const PastKeyValues& past) {
  return error_of([&] { check_past_key_values(config, past, batch, "call 3"); });
}

TEST(PastKeyValues, OfTheModelAreAccepted) {
  check_past_key_values(granite(), granite_past(), batch, "call 3");
  check_past_key_values(hybrid(), hybrid_past(), batch, "call 3");
  EXPECT_EQ(granite_past().batch(), batch);
  EXPECT_EQ(hybrid_past().batch(), batch);
  EXPECT_EQ(PastKeyValues().batch(), 0U);
}

TEST(PastKeyValues, OfASlidingWindowHoldOneKeyLess) {
  check_past_key_values(window_of(4), granite_past(3), batch, "call 3");
  check_past_key_values(window_of(40), granite_past(5), batch, "call 3");
  EXPECT_EQ(refusal_of(window_of(4), granite_past(4)),
            "call 3: past_key_values: layer 0 keys: expected [2, 2, 3, 8], found [2, 2, 4, 8]");
}

TEST(PastKeyValues, OfAnotherNumberOfLayersAreRefused) {
  PastKeyValues past = granite_past();
  past.layers.pop_back();
  EXPECT_EQ(refusal_of(granite(), past), "call 3: past_key_values: expected 3 layers, found 2");
}

TEST(PastKeyValues, OfNoTokensAreRefused) {
  PastKeyValues past = granite_past();
  past.tokens = 0;
  EXPECT_EQ(refusal_of(granite(), past), "call 3: past_key_values: expected at least one token, found none");
}

TEST(PastKeyValues, OfAnotherShapeAreRefused) {
  PastKeyValues past = granite_past();
  past.layers[2].values = Tensor<float, 4>({batch, 6, tokens, 8});
  EXPECT_EQ(refusal_of(granite(), past),
            "call 3: past_key_values: layer 2 values: expected [2, 2, 5, 8], found [2, 6, 5, 8]");
  past = hybrid_past();
  past.layers[0].conv_state = Tensor<float, 3>({batch, 192, 3});
  EXPECT_EQ(refusal_of(hybrid(), past),
            "call 3: past_key_values: layer 0 conv_state: expected [2, 192, 4], found [2, 192, 3]");
  past = hybrid_past();
  past.layers[2].ssm_state = Tensor<float, 4>({1, 12, 8, 16});
  EXPECT_EQ(refusal_of(hybrid(), past),
            "call 3: past_key_values: layer 2 ssm_state: expected [2, 12, 8, 16], found [1, 12, 8, 16]");
  past = granite_past();
  past.layers[1].keys = {};
  EXPECT_EQ(refusal_of(granite(), past),
            "call 3: past_key_values: layer 1 keys: expected [2, 2, 5, 8], found [0, 0, 0, 0]");
}

TEST(PastKeyValues, OfTheOtherKindOfLayerAreRefused) {
  PastKeyValues past = hybrid_past();
  past.layers[0].keys = Tensor<float, 4>({batch, 2, tokens, 8});
  EXPECT_EQ(refusal_of(hybrid(), past),
            "call 3: past_key_values: layer 0 keys: expected none in such a layer, found [2, 2, 5, 8]");
  past = hybrid_past();
  past.layers[0].values = Tensor<float, 4>({batch, 2, tokens, 8});
  EXPECT_EQ(refusal_of(hybrid(), past),
            "call 3: past_key_values: layer 0 values: expected none in such a layer, found [2, 2, 5, 8]");
  past = hybrid_past();
  past.layers[1].conv_state = Tensor<float, 3>({batch, 192, 4});
  EXPECT_EQ(refusal_of(hybrid(), past),
            "call 3: past_key_values: layer 1 conv_state: expected none in such a layer, found [2, 192, 4]");
  past = hybrid_past();
  past.layers[1].ssm_state = Tensor<float, 4>({batch, 12, 8, 16});
  EXPECT_EQ(refusal_of(hybrid(), past),
            "call 3: past_key_values: layer 1 ssm_state: expected none in such a layer, found [2, 12, 8, 16]");
}

TEST(PastKeyValues, ThatAreNoNumbersAreRefused) {
  PastKeyValues past = granite_past();
  past.layers[0].values(1, 1, 4, 7) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(refusal_of(granite(), past), "call 3: past_key_values: layer 0 values: expected finite numbers, found nan");
  past = hybrid_past();
  past.layers[2].ssm_state(0, 0, 0, 0) = -std::numeric_limits<float>::infinity();
  EXPECT_EQ(refusal_of(hybrid(), past),
            "call 3: past_key_values: layer 2 ssm_state: expected finite numbers, found -inf");
}

}  // namespace
}  // namespace assay::test
