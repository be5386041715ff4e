// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// PhimoeConfig; expected values are those of transformers 5.23.0.
#include <gtest/gtest.h>

#include "model/config/config.hpp"
#include "tests/support/config_text.hpp"
#include "tests/support/error_of.hpp"

namespace assay {
namespace {

using test::with;

PhimoeConfig phimoe(const std::string& text) { return std::get<PhimoeConfig>(parse_config(text, "c")); }
PhimoeConfig phimoe_with(std::string_view members) { return phimoe(with(test::phimoe_text(), members)); }
std::string complaint(std::string_view members) {
  return test::error_of([&] { (void)parse_config(with(test::phimoe_text(), members), "config.json"); });
}

TEST(PhimoeConfig, HasTheDefaultsOfTransformers) {
  const PhimoeConfig config = phimoe(R"({"model_type": "phimoe"})");
  EXPECT_EQ(config.vocab_size, 32064U);
  EXPECT_EQ(config.intermediate_size, 6400U);
  EXPECT_EQ(config.num_key_value_heads, 8U);
  EXPECT_EQ(config.max_position_embeddings, 131072U);
  EXPECT_EQ(config.rms_norm_eps, 1e-5);
  EXPECT_EQ(config.rope.rope_theta, 1e6);
  EXPECT_EQ(config.num_local_experts, 16U);
  EXPECT_EQ(config.num_experts_per_tok, 2U);
  EXPECT_EQ(config.sliding_window, std::nullopt);
  EXPECT_EQ(config.router_jitter_noise, 0.01);
  EXPECT_EQ(config.input_jitter_noise, 0.0);
  EXPECT_FALSE(config.lm_head_bias);
  EXPECT_EQ(config.longrope, PhimoeLongrope::hf5);
}

TEST(PhimoeConfig, HasLongropeBehavioursByName) {
  for (const PhimoeLongrope longrope : {PhimoeLongrope::hf5, PhimoeLongrope::hf4}) {
    EXPECT_EQ(phimoe_longrope_from(name(longrope)), longrope);
  }
  EXPECT_EQ(phimoe_longrope_from("hf6"), std::nullopt);
}

TEST(PhimoeConfig, ReadsItsOwnFields) {
  const PhimoeConfig config = phimoe_with(
      R"("sliding_window": 17, "router_jitter_noise": 0.2, "input_jitter_noise": 0.3, "lm_head_bias": true,
         "attention_bias": true, "attention_dropout": 0)");
  EXPECT_EQ(config.sliding_window, 17U);
  EXPECT_EQ(config.router_jitter_noise, 0.2);
  EXPECT_EQ(config.input_jitter_noise, 0.3);
  EXPECT_TRUE(config.lm_head_bias);
  EXPECT_TRUE(config.attention_bias);
  EXPECT_TRUE(config.ignored_keys.empty());
}

TEST(PhimoeConfig, TakesANullWindowAsFullAttention) {
  EXPECT_EQ(phimoe_with(R"("sliding_window": null)").sliding_window, std::nullopt);
}

TEST(PhimoeConfig, RefusesAWindowOfNothing) {
  EXPECT_EQ(complaint(R"("sliding_window": 0)"),
            "config.json: sliding_window: expected an integer from 1 to 2147483647, or null, found 0 (an integer)");
}

TEST(PhimoeConfig, RefusesNullWhereGraniteTakesIt) {
  EXPECT_EQ(complaint(R"("num_key_value_heads": null)"),
            "config.json: num_key_value_heads: expected an integer from 1 to 2147483647, found null");
  EXPECT_EQ(complaint(R"("output_router_logits": null)"),
            "config.json: output_router_logits: expected true or false, found null");
  EXPECT_EQ(complaint(R"("attention_dropout": null)"),
            "config.json: attention_dropout: expected a finite number, found null");
}

TEST(PhimoeConfig, RefusesAThresholdThatMakesNan) {
  EXPECT_EQ(complaint(R"("router_jitter_noise": -0.5)"),
            "config.json: router_jitter_noise: expected 0 or more, found -0.5 (a float)");
  EXPECT_EQ(complaint(R"("router_jitter_noise": 1)"),
            "config.json: router_jitter_noise: expected a finite float, with a decimal point, found 1 (an integer)");
}

TEST(PhimoeConfig, RefusesASingleExpertBecauseItsRoutingIsNan) {
  EXPECT_EQ(complaint(R"("num_local_experts": 1, "num_experts_per_tok": 1)"),
            "config.json: num_local_experts: expected an integer from 2 to 2147483647, found 1 (an integer)");
}

TEST(PhimoeConfig, IgnoresMultipliersOfGranite) {
  EXPECT_EQ(phimoe_with(R"("logits_scaling": 3)").ignored_keys, (std::vector<std::string>{"logits_scaling"}));
}

}  // namespace
}  // namespace assay
