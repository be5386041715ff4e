// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// GraniteMoeConfig and GraniteMoeSharedConfig; expected values are those of transformers 5.23.0.
#include <gtest/gtest.h>

#include "model/config/config.hpp"
#include "tests/support/config_text.hpp"
#include "tests/support/error_of.hpp"

namespace assay {
namespace {

using test::with;

GraniteMoeConfig granite_moe(const std::string& text) { return std::get<GraniteMoeConfig>(parse_config(text, "c")); }
std::string complaint(const std::string& text) {
  return test::error_of([&] { (void)parse_config(text, "config.json"); });
}

TEST(GraniteMoeConfig, HasTheDefaultsOfTransformers) {
  const GraniteMoeConfig config = granite_moe(R"({"model_type": "granitemoe"})");
  EXPECT_EQ(config.vocab_size, 32000U);
  EXPECT_EQ(config.hidden_size, 4096U);
  EXPECT_EQ(config.intermediate_size, 11008U);
  EXPECT_EQ(config.num_hidden_layers, 32U);
  EXPECT_EQ(config.num_attention_heads, 32U);
  EXPECT_EQ(config.num_key_value_heads, 32U);
  EXPECT_EQ(config.head_dim, std::nullopt);
  EXPECT_EQ(config.hidden_act, Activation::silu);
  EXPECT_EQ(config.max_position_embeddings, 2048U);
  EXPECT_EQ(config.initializer_range, 0.02);
  EXPECT_EQ(config.rms_norm_eps, 1e-6);
  EXPECT_TRUE(config.use_cache);
  EXPECT_FALSE(config.tie_word_embeddings);
  EXPECT_FALSE(config.attention_bias);
  EXPECT_EQ(config.rope.type, RopeType::default_type);
  EXPECT_EQ(config.rope.rope_theta, 1e4);
  EXPECT_EQ(config.num_local_experts, 8U);
  EXPECT_EQ(config.num_experts_per_tok, 2U);
  EXPECT_FALSE(config.output_router_logits);
  EXPECT_EQ(config.router_aux_loss_coef, 0.001);
  EXPECT_EQ(config.pad_token_id, std::nullopt);
  EXPECT_EQ(config.bos_token_id, 1);
  EXPECT_EQ(config.eos_token_id, (std::vector<std::int64_t>{2}));
  EXPECT_EQ(config.embedding_multiplier, 1.0);
  EXPECT_EQ(config.logits_scaling, 1.0);
  EXPECT_EQ(config.residual_multiplier, 1.0);
  EXPECT_EQ(config.attention_multiplier, 1.0);
}

TEST(GraniteMoeConfig, ReadsMultipliersAsIntegersAndAsFloats) {
  const GraniteMoeConfig config =
      granite_moe(with(test::granite_moe_text(), R"("embedding_multiplier": 12, "logits_scaling": 6.0,
                       "residual_multiplier": 0.22, "attention_multiplier": 0.015625)"));
  EXPECT_EQ(config.embedding_multiplier, 12.0);
  EXPECT_EQ(config.logits_scaling, 6.0);
  EXPECT_EQ(config.residual_multiplier, 0.22);
  EXPECT_EQ(config.attention_multiplier, 0.015625);
}

TEST(GraniteMoeConfig, RefusesAMultiplierThatIsNoNumber) {
  for (const std::string_view value : {"null", "true", "\"12\"", "Infinity"}) {
    EXPECT_NE(complaint(with(test::granite_moe_text(), "\"embedding_multiplier\": " + std::string(value)))
                  .find("config.json: embedding_multiplier: expected a finite number, found " + std::string(value)),
              std::string::npos);
  }
}

TEST(GraniteMoeConfig, GivesEveryHeadItsOwnKeysWhereTheNumberIsNull) {
  EXPECT_EQ(granite_moe(with(test::granite_moe_text(), "\"num_key_value_heads\": null")).num_key_value_heads, 6U);
}

TEST(GraniteMoeConfig, TakesNullForTheOptionalFlags) {
  EXPECT_FALSE(granite_moe(with(test::granite_moe_text(), "\"output_router_logits\": null")).output_router_logits);
}

TEST(GraniteMoeConfig, TakesNoExpertsIfNoneIsChosen) {
  EXPECT_EQ(granite_moe(with(test::granite_moe_text(), R"("num_local_experts": 0, "num_experts_per_tok": 0)"))
                .num_local_experts,
            0U);
  EXPECT_EQ(complaint(with(test::granite_moe_text(), "\"num_local_experts\": 0")),
            "config.json: num_experts_per_tok: expected at most num_local_experts = 0, found 4");
}

TEST(GraniteMoeConfig, RefusesRouterLogitsWithoutExperts) {
  EXPECT_EQ(complaint(with(test::granite_moe_text(),
                           R"("num_local_experts": 0, "num_experts_per_tok": 0, "output_router_logits": true)")),
            "config.json: output_router_logits: expected false in a model without experts, found true");
}

TEST(GraniteMoeConfig, IgnoresThePositionEmbeddingType) {
  EXPECT_EQ(granite_moe(with(test::granite_moe_text(), R"("position_embedding_type": "nope")")).ignored_keys,
            (std::vector<std::string>{"position_embedding_type"}));
}

TEST(GraniteMoeConfig, RefusesLayerTypesThatItsCacheCannotServe) {
  EXPECT_TRUE(
      granite_moe(with(test::granite_moe_text(), R"("layer_types": ["attention", "full_attention", "attention"])"))
          .ignored_keys.empty());
  EXPECT_EQ(complaint(with(test::granite_moe_text(), R"("layer_types": ["mamba", "attention", "attention"])")),
            "config.json: layer_types: expected full_attention in every layer, found a list of 3");
}

TEST(GraniteMoeSharedConfig, HasNoSharedMlpByDefault) {
  const auto config = std::get<GraniteMoeSharedConfig>(parse_config(R"({"model_type": "granitemoeshared"})", "c"));
  EXPECT_EQ(config.shared_intermediate_size, 0U);
  EXPECT_EQ(config.intermediate_size, 11008U);
}

TEST(GraniteMoeSharedConfig, ReadsTheWidthOfTheSharedMlp) {
  const Config config = parse_config(with(test::granite_moe_shared_text(), "\"residual_multiplier\": 0.5"), "c");
  EXPECT_EQ(std::get<GraniteMoeSharedConfig>(config).shared_intermediate_size, 28U);
  EXPECT_EQ(std::get<GraniteMoeSharedConfig>(config).residual_multiplier, 0.5);
}

TEST(GraniteMoeSharedConfig, RefusesANegativeWidth) {
  EXPECT_EQ(complaint(with(test::granite_moe_shared_text(), "\"shared_intermediate_size\": -1")),
            "config.json: shared_intermediate_size: expected an integer from 0 to 2147483647, found -1 (an integer)");
}

}  // namespace
}  // namespace assay
