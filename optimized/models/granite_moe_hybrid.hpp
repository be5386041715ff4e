// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// GraniteMoeHybridForCausalLM: each layer mixes tokens by attention or by Mamba2; then experts (if the model has any)
// and an MLP shared by all tokens, side by side.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "model/config/granite_moe_hybrid.hpp"
#include "optimized/blocks/attention.hpp"
#include "optimized/blocks/granite_moe_block.hpp"
#include "optimized/blocks/mamba2.hpp"
#include "optimized/blocks/rotary_embedding.hpp"
#include "optimized/blocks/shared_mlp.hpp"
#include "optimized/models/packed_engine.hpp"

namespace assay::optimized {

class GraniteMoeHybrid final : public PackedEngine {
 public:
  GraniteMoeHybrid(const GraniteMoeHybridConfig& config, const Weights& weights, const EngineOptions& options);

 private:
  struct Layer {
    std::vector<float> input_layernorm;
    std::variant<Attention, Mamba2> mixer;
    std::vector<float> post_attention_layernorm;
    std::optional<GraniteMoeBlock> block_sparse_moe;
    SharedMlp shared_mlp;
  };

  [[nodiscard]] Mixer mixer(std::size_t layer) override;
  void forget_lengths() override {
    if (rotary_emb_) rotary_emb_->forget();
  }
  void plan_layers(const CallExtents& extents, const Threads& threads, Slices& memory) const override;
  void begin(const Call& call, const Past& past, const CallTables& tables, CallContext& context,
             const Show& show) override;
  void compute_layer(std::size_t index, const Stream& stream, CallContext& context, const Show& show) override;
  void final_norm(Rows<const float> x, Rows<float> normed, const Threads& threads) const override;

  GraniteMoeHybridConfig config_;
  std::vector<Layer> layers_;
  std::vector<float> norm_;
  std::optional<RotaryEmbedding> rotary_emb_;  ///< none unless position_embedding_type is "rope"
};

}  // namespace assay::optimized
