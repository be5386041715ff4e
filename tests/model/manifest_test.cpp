// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/config/manifest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "tests/support/config_text.hpp"

namespace assay {
namespace {

using test::with;

std::vector<ExpectedTensor> manifest_of(const std::string& text) { return manifest(parse_config(text, "c")); }

std::vector<std::string> names(const std::vector<ExpectedTensor>& tensors) {
  std::vector<std::string> found;
  found.reserve(tensors.size());
  for (const ExpectedTensor& tensor : tensors) found.push_back(tensor.name);
  return found;
}

Shape shape_of(const std::vector<ExpectedTensor>& tensors, std::string_view name) {
  const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const auto& t) { return t.name == name; });
  if (found == tensors.end()) {
    ADD_FAILURE() << "no " << name;
    return {};
  }
  return found->shape;
}

TEST(Manifest, ListsGraniteMoeInTheOrderOfTheForwardPass) {
  EXPECT_EQ(names(manifest_of(with(test::granite_moe_text(), R"("num_hidden_layers": 1)"))),
            (std::vector<std::string>{
                "model.embed_tokens.weight", "model.layers.0.input_layernorm.weight",
                "model.layers.0.self_attn.q_proj.weight", "model.layers.0.self_attn.k_proj.weight",
                "model.layers.0.self_attn.v_proj.weight", "model.layers.0.self_attn.o_proj.weight",
                "model.layers.0.post_attention_layernorm.weight", "model.layers.0.block_sparse_moe.router.layer.weight",
                "model.layers.0.block_sparse_moe.input_linear.weight",
                "model.layers.0.block_sparse_moe.output_linear.weight", "model.norm.weight", "lm_head.weight"}));
}

TEST(Manifest, GivesGraniteMoeItsShapes) {
  const auto tensors = manifest_of(test::granite_moe_text());
  EXPECT_EQ(shape_of(tensors, "model.embed_tokens.weight"), (Shape{97, 48}));
  EXPECT_EQ(shape_of(tensors, "model.layers.2.self_attn.q_proj.weight"), (Shape{48, 48}));
  EXPECT_EQ(shape_of(tensors, "model.layers.2.self_attn.v_proj.weight"), (Shape{16, 48}));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.block_sparse_moe.router.layer.weight"), (Shape{9, 48}));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.block_sparse_moe.input_linear.weight"), (Shape{9, 40, 48}));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.block_sparse_moe.output_linear.weight"), (Shape{9, 48, 20}));
}

TEST(Manifest, GivesAllFourProjectionsABias) {
  const auto tensors = manifest_of(with(test::granite_moe_text(), R"("attention_bias": true, "head_dim": 10)"));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.self_attn.q_proj.bias"), (Shape{60}));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.self_attn.k_proj.bias"), (Shape{20}));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.self_attn.v_proj.bias"), (Shape{20}));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.self_attn.o_proj.bias"), (Shape{48}));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.self_attn.o_proj.weight"), (Shape{48, 60}));
}

TEST(Manifest, LeavesOutATiedHead) {
  const auto tensors = manifest_of(with(test::granite_moe_text(), R"("tie_word_embeddings": true)"));
  EXPECT_EQ(tensors.back().name, "model.norm.weight");
}

TEST(Manifest, AddsTheSharedMlpWhereItIsWide) {
  const auto tensors = manifest_of(test::granite_moe_shared_text());
  EXPECT_EQ(shape_of(tensors, "model.layers.1.shared_mlp.input_linear.weight"), (Shape{56, 48}));
  EXPECT_EQ(shape_of(tensors, "model.layers.1.shared_mlp.output_linear.weight"), (Shape{48, 28}));
  EXPECT_EQ(manifest_of(with(test::granite_moe_shared_text(), R"("shared_intermediate_size": 0)")).size(),
            manifest_of(test::granite_moe_text()).size());
}

TEST(Manifest, GivesAMambaLayerItsMixerAndNoAttention) {
  const auto tensors = manifest_of(with(test::granite_moe_hybrid_text(), R"("mamba_proj_bias": true)"));
  // width 96, three groups of 16 states: 96 + 2 * 48 = 192 channels; 12 heads.
  EXPECT_EQ(shape_of(tensors, "model.layers.0.mamba.in_proj.weight"), (Shape{300, 48}));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.mamba.in_proj.bias"), (Shape{300}));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.mamba.conv1d.weight"), (Shape{192, 1, 4}));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.mamba.conv1d.bias"), (Shape{192}));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.mamba.dt_bias"), (Shape{12}));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.mamba.A_log"), (Shape{12}));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.mamba.D"), (Shape{12}));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.mamba.norm.weight"), (Shape{96}));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.mamba.out_proj.weight"), (Shape{48, 96}));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.mamba.out_proj.bias"), (Shape{48}));
  const std::vector<std::string> all = names(tensors);
  EXPECT_EQ(std::count_if(all.begin(), all.end(),
                          [](const std::string& name) { return name.starts_with("model.layers.0.self_attn"); }),
            0);
  EXPECT_EQ(std::count_if(all.begin(), all.end(),
                          [](const std::string& name) { return name.starts_with("model.layers.1.mamba"); }),
            0);
}

TEST(Manifest, GivesADenseHybridNoExperts) {
  for (const std::string& name :
       names(manifest_of(with(test::granite_moe_hybrid_text(), R"("num_local_experts": 0)")))) {
    EXPECT_EQ(name.find("block_sparse_moe"), std::string::npos) << name;
  }
}

TEST(Manifest, GivesPhimoeBiasesAndSeparateExperts) {
  const auto tensors = manifest_of(with(test::phimoe_text(), R"("lm_head_bias": true)"));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.input_layernorm.bias"), (Shape{48}));
  EXPECT_EQ(shape_of(tensors, "model.layers.0.post_attention_layernorm.bias"), (Shape{48}));
  EXPECT_EQ(shape_of(tensors, "model.norm.bias"), (Shape{48}));
  EXPECT_EQ(shape_of(tensors, "model.layers.2.block_sparse_moe.gate.weight"), (Shape{9, 48}));
  EXPECT_EQ(shape_of(tensors, "model.layers.2.block_sparse_moe.experts.8.w1.weight"), (Shape{20, 48}));
  EXPECT_EQ(shape_of(tensors, "model.layers.2.block_sparse_moe.experts.8.w3.weight"), (Shape{20, 48}));
  EXPECT_EQ(shape_of(tensors, "model.layers.2.block_sparse_moe.experts.8.w2.weight"), (Shape{48, 20}));
  EXPECT_EQ(shape_of(tensors, "lm_head.bias"), (Shape{97}));
}

TEST(Manifest, HasWhatPreluAndXieluLearn) {
  const std::string prelu = R"("hidden_act": "prelu")";
  const auto hybrid = manifest_of(with(test::granite_moe_hybrid_text(), prelu));
  EXPECT_EQ(shape_of(hybrid, "model.layers.0.block_sparse_moe.experts.act_fn.weight"), (Shape{1}));
  EXPECT_EQ(shape_of(hybrid, "model.layers.0.shared_mlp.activation.weight"), (Shape{1}));
  EXPECT_EQ(shape_of(hybrid, "model.layers.0.mamba.act.weight"), (Shape{1}));
  const auto phimoe = manifest_of(with(test::phimoe_text(), R"("hidden_act": "xielu")"));
  EXPECT_EQ(shape_of(phimoe, "model.layers.1.block_sparse_moe.experts.act_fn.alpha_p"), (Shape{1}));
  EXPECT_EQ(shape_of(phimoe, "model.layers.1.block_sparse_moe.experts.act_fn.alpha_n"), (Shape{1}));
  EXPECT_EQ(shape_of(phimoe, "model.layers.1.block_sparse_moe.experts.act_fn.beta"), Shape{});
  EXPECT_EQ(shape_of(phimoe, "model.layers.1.block_sparse_moe.experts.act_fn.eps"), Shape{});
  const std::size_t layers = 3;
  EXPECT_EQ(manifest_of(with(test::granite_moe_text(), prelu)).size(),
            manifest_of(test::granite_moe_text()).size() + layers);
  EXPECT_EQ(manifest_of(with(test::granite_moe_text(), R"("hidden_act": "leaky_relu")")).size(),
            manifest_of(test::granite_moe_text()).size());
}

// The published checkpoints; the counts were computed by transformers on the meta device.
std::size_t count(const std::string& text) { return parameter_count(parse_config(text, "c")); }

std::string granite3(std::string_view sizes) {
  return with(R"({"model_type": "granitemoe", "tie_word_embeddings": true, "num_key_value_heads": 8,
                  "intermediate_size": 512, "num_experts_per_tok": 8})",
              sizes);
}

std::string granite4(std::string_view attention_layers, std::size_t layers, std::string_view sizes) {
  std::string types;
  for (std::size_t layer = 0; layer < layers; ++layer) {
    const std::string index = "," + std::to_string(layer) + ",";
    types += std::string(layer == 0 ? "" : ", ") +
             (attention_layers.find(index) != std::string_view::npos ? "\"attention\"" : "\"mamba\"");
  }
  return with(R"({"model_type": "granitemoehybrid", "tie_word_embeddings": true, "vocab_size": 100352,
                  "mamba_d_state": 128, "num_hidden_layers": )" +
                  std::to_string(layers) + ", \"layer_types\": [" + types + "]}",
              sizes);
}

std::string phi(std::string_view sizes) {
  return with(R"({"model_type": "phimoe", "attention_bias": true, "lm_head_bias": true})", sizes);
}

TEST(ParameterCount, IsThatOfGranite3) {
  EXPECT_EQ(count(granite3(R"("hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
                              "num_local_experts": 32, "vocab_size": 49155)")),
            1334628352U);
  EXPECT_EQ(count(granite3(R"("hidden_size": 1536, "num_hidden_layers": 32, "num_attention_heads": 24,
                              "num_local_experts": 40, "vocab_size": 49155)")),
            3298793472U);
}

TEST(ParameterCount, IsThatOfGranite4WithExperts) {
  EXPECT_EQ(count(granite4(",5,15,25,35,", 40, R"("hidden_size": 1536, "num_attention_heads": 12,
        "num_key_value_heads": 4, "intermediate_size": 512, "num_local_experts": 64, "num_experts_per_tok": 6,
        "shared_intermediate_size": 1024, "mamba_n_heads": 48, "mamba_d_head": 64)")),
            6939037248U);
  EXPECT_EQ(count(granite4(",5,15,25,35,", 40, R"("hidden_size": 4096, "num_attention_heads": 32,
        "num_key_value_heads": 8, "intermediate_size": 768, "num_local_experts": 72, "num_experts_per_tok": 10,
        "shared_intermediate_size": 1536, "mamba_n_heads": 128, "mamba_d_head": 64)")),
            32207337984U);
}

TEST(ParameterCount, IsThatOfDenseGranite4) {
  EXPECT_EQ(count(granite4(",5,15,25,35,", 40, R"("hidden_size": 2048, "num_attention_heads": 32,
        "num_key_value_heads": 8, "num_local_experts": 0, "num_experts_per_tok": 0, "shared_intermediate_size": 8192,
        "mamba_n_heads": 64, "mamba_d_head": 64)")),
            3191396096U);
  EXPECT_EQ(count(granite4(",10,13,17,27,", 32, R"("hidden_size": 768, "num_attention_heads": 12,
        "num_key_value_heads": 4, "num_local_experts": 0, "num_experts_per_tok": 0, "shared_intermediate_size": 2048,
        "mamba_n_heads": 48, "mamba_d_head": 32)")),
            340332224U);
}

TEST(ParameterCount, IsThatOfPhi) {
  EXPECT_EQ(count(phi(R"("intermediate_size": 6400)")), 41873153344U);
  EXPECT_EQ(count(phi(R"("intermediate_size": 960)")), 7647632704U);
  EXPECT_EQ(count(phi(R"("intermediate_size": 448, "num_attention_heads": 16, "num_key_value_heads": 4,
                         "head_dim": 128)")),
            3755220288U);
}

TEST(Weights, ThrowsALogicErrorForANameThatTheManifestDoesNotHave) {
  const Weights weights({});
  EXPECT_THROW((void)weights.at("model.norm.weight"), std::logic_error);
}

}  // namespace
}  // namespace assay
