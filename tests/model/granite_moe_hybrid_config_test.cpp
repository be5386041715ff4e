// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// GraniteMoeHybridConfig; expected values are those of transformers 5.23.0.
#include <gtest/gtest.h>

#include <cmath>

#include "model/config/config.hpp"
#include "tests/support/config_text.hpp"
#include "tests/support/error_of.hpp"

namespace assay {
namespace {

using enum MixerKind;
using test::with;
using Kinds = std::vector<MixerKind>;

GraniteMoeHybridConfig hybrid(const std::string& text) {
  return std::get<GraniteMoeHybridConfig>(parse_config(text, "c"));
}
GraniteMoeHybridConfig hybrid_with(std::string_view members) {
  return hybrid(with(test::granite_moe_hybrid_text(), members));
}
std::string complaint(std::string_view members) {
  return test::error_of([&] { (void)parse_config(with(test::granite_moe_hybrid_text(), members), "config.json"); });
}

TEST(GraniteMoeHybridConfig, HasTheDefaultsOfTransformers) {
  const GraniteMoeHybridConfig config = hybrid(R"({"model_type": "granitemoehybrid"})");
  EXPECT_EQ(config.shared_intermediate_size, 1024U);
  EXPECT_EQ(config.position_embedding_type, "");
  EXPECT_EQ(config.layer_types, Kinds(32, mamba));
  EXPECT_EQ(config.mamba_n_heads, 128U);
  EXPECT_EQ(config.mamba_n_groups, 1U);
  EXPECT_EQ(config.mamba_d_state, 256U);
  EXPECT_EQ(config.mamba_d_head, 64U);
  EXPECT_EQ(config.mamba_d_conv, 4U);
  EXPECT_EQ(config.mamba_expand, 2U);
  EXPECT_EQ(config.mamba_chunk_size, 256U);
  EXPECT_TRUE(config.mamba_conv_bias);
  EXPECT_FALSE(config.mamba_proj_bias);
  EXPECT_EQ(config.time_step_limit_min, 0.0);
  EXPECT_EQ(config.time_step_limit_max, INFINITY);
}

TEST(GraniteMoeHybridConfig, ReadsLayerTypesInBothSpellings) {
  EXPECT_EQ(hybrid(test::granite_moe_hybrid_text()).layer_types, (Kinds{mamba, attention, mamba}));
  EXPECT_EQ(hybrid_with(R"("layer_types": ["linear_attention", "full_attention", "attention"])").layer_types,
            (Kinds{mamba, attention, attention}));
}

TEST(GraniteMoeHybridConfig, PrefersTheAliasOfLayerTypes) {
  EXPECT_EQ(hybrid_with(R"("layers_block_type": ["attention", "attention", "mamba"])").layer_types,
            (Kinds{attention, attention, mamba}));
}

TEST(GraniteMoeHybridConfig, TakesNullLayerTypesAsAllMamba) {
  EXPECT_EQ(hybrid_with(R"("layer_types": null)").layer_types, Kinds(3, mamba));
}

TEST(GraniteMoeHybridConfig, RefusesLayerTypesThatDoNotFitTheLayers) {
  EXPECT_EQ(complaint(R"("layer_types": [])"),
            "config.json: layer_types: expected a list of 3 layer types, found a list of 0");
  EXPECT_EQ(complaint(R"("layer_types": ["mamba", "mamba"])"),
            "config.json: layer_types: expected a list of 3 layer types, found a list of 2");
  EXPECT_EQ(complaint(R"("layers_block_type": null)"),
            "config.json: layers_block_type: expected a list of layer types, found null");
}

TEST(GraniteMoeHybridConfig, NamesALayerTypeThatItDoesNotKnow) {
  EXPECT_EQ(
      complaint(R"("layer_types": ["mamba", "sliding_attention", "mamba"])"),
      "config.json: layer_types: expected mamba or attention (linear_attention or full_attention) for each layer, "
      "found \"sliding_attention\" (a string) at layer 1");
}

TEST(GraniteMoeHybridConfig, KeepsThePositionEmbeddingTypeAsItIs) {
  EXPECT_EQ(hybrid_with(R"("position_embedding_type": "rope")").position_embedding_type, "rope");
  EXPECT_EQ(hybrid_with(R"("position_embedding_type": "nope")").position_embedding_type, "nope");
  EXPECT_EQ(hybrid_with(R"("position_embedding_type": null)").position_embedding_type, "");
  EXPECT_EQ(complaint(R"("position_embedding_type": 5)"),
            "config.json: position_embedding_type: expected a string or null, found 5 (an integer)");
}

TEST(GraniteMoeHybridConfig, TakesADerivedOddHeadSizeOnlyWithoutRope) {
  EXPECT_EQ(hybrid_with(R"("hidden_size": 42)").hidden_size, 42U);
  EXPECT_EQ(complaint(R"("hidden_size": 42, "position_embedding_type": "rope")"),
            "config.json: head_dim: expected an even head size, found 7");
  EXPECT_EQ(complaint(R"("head_dim": 7)"), "config.json: head_dim: expected an even head size, found 7");
}

TEST(GraniteMoeHybridConfig, ReadsTheTimeStepLimitInBothSpellings) {
  EXPECT_EQ(hybrid_with(R"("time_step_limit": [0.5, {"__float__": "Infinity"}])").time_step_limit_max, INFINITY);
  const GraniteMoeHybridConfig bare = hybrid_with(R"("time_step_limit": [0.5, Infinity])");
  EXPECT_EQ(bare.time_step_limit_min, 0.5);
  EXPECT_EQ(bare.time_step_limit_max, INFINITY);
  EXPECT_EQ(hybrid_with(R"("time_step_limit": [0.05, 0.9])").time_step_limit_max, 0.9);
}

TEST(GraniteMoeHybridConfig, RefusesATimeStepLimitThatIsNotTwoFloats) {
  for (const std::string_view limit :
       {"null", "[0, 1]", "[0.0]", "[0.0, 1.0, 2.0]", "\"x\"", "[0.0, null]", "[0.0, {\"__float__\": \"inf\"}]"}) {
    EXPECT_NE(complaint("\"time_step_limit\": " + std::string(limit))
                  .find("config.json: time_step_limit: expected a list of two floats, found "),
              std::string::npos)
        << limit;
  }
  EXPECT_EQ(complaint(R"("time_step_limit": [0.0, NaN])"),
            "config.json: time_step_limit: expected [min, max] with min <= max, found [0, nan]");
}

TEST(GraniteMoeHybridConfig, ResolvesAnAutomaticMambaHeadSize) {
  EXPECT_EQ(hybrid(test::granite_moe_hybrid_text()).mamba_d_head, 8U);
  EXPECT_EQ(hybrid_with(R"("mamba_d_head": "auto")").mamba_d_head, 8U);
  EXPECT_EQ(hybrid_with(R"("mamba_d_head": 8)").mamba_d_head, 8U);
}

TEST(GraniteMoeHybridConfig, RefusesAMambaHeadSizeThatDoesNotFit) {
  for (const std::string_view size : {"4", "\"8\"", "8.0", "null", "0"}) {
    EXPECT_NE(
        complaint("\"mamba_d_head\": " + std::string(size))
            .find("config.json: mamba_d_head: expected \"auto\" or mamba_expand * hidden_size / mamba_n_heads = 8, "
                  "found " +
                  std::string(size)),
        std::string::npos)
        << size;
  }
  EXPECT_EQ(complaint(R"("mamba_n_heads": 7)"),
            "config.json: mamba_n_heads: expected a divisor of mamba_expand * hidden_size = 96, found 7");
}

TEST(GraniteMoeHybridConfig, RefusesGroupsThatDoNotDivideTheHeadsOfAMambaLayer) {
  EXPECT_EQ(complaint(R"("mamba_n_groups": 5)"),
            "config.json: mamba_n_groups: expected a divisor of mamba_n_heads = 12, found 5");
  EXPECT_EQ(
      hybrid_with(R"("mamba_n_groups": 5, "layer_types": ["attention", "attention", "attention"])").mamba_n_groups, 5U);
}

TEST(GraniteMoeHybridConfig, TakesNullBiasesAsNone) {
  EXPECT_FALSE(hybrid_with(R"("mamba_conv_bias": null)").mamba_conv_bias);
  EXPECT_FALSE(hybrid_with(R"("mamba_proj_bias": null)").mamba_proj_bias);
  EXPECT_TRUE(hybrid_with(R"("mamba_proj_bias": true)").mamba_proj_bias);
}

TEST(GraniteMoeHybridConfig, TakesAnyNumberOfChosenExpertsWhereThereAreNone) {
  EXPECT_EQ(hybrid_with(R"("num_local_experts": 0)").num_local_experts, 0U);
  EXPECT_EQ(hybrid_with(R"("num_local_experts": 0, "num_experts_per_tok": null)").num_experts_per_tok, 0U);
  EXPECT_EQ(complaint(R"("num_local_experts": 0, "output_router_logits": true)"),
            "config.json: output_router_logits: expected false in a model without experts, found true");
  EXPECT_EQ(complaint(R"("num_local_experts": null)"),
            "config.json: num_local_experts: expected an integer from 0 to 2147483647, found null");
}

TEST(GraniteMoeHybridConfig, RefusesAModelWithoutItsSharedMlp) {
  EXPECT_EQ(complaint(R"("shared_intermediate_size": 0)"),
            "config.json: shared_intermediate_size: expected an integer from 1 to 2147483647, found 0 (an integer)");
}

}  // namespace
}  // namespace assay
