// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// GraniteMoeForCausalLM: attention, then experts; every branch is scaled before it joins the residual stream.
#pragma once

#include <optional>
#include <vector>

#include "model/config/granite_moe.hpp"
#include "optimized/blocks/attention.hpp"
#include "optimized/blocks/granite_moe_block.hpp"
#include "optimized/blocks/rotary_embedding.hpp"
#include "optimized/models/packed_engine.hpp"

namespace assay::optimized {

class GraniteMoe final : public PackedEngine {
 public:
  GraniteMoe(const GraniteMoeConfig& config, const Weights& weights, const EngineOptions& options);

 private:
  struct Layer {
    std::vector<float> input_layernorm;
    Attention self_attn;
    std::vector<float> post_attention_layernorm;
    std::optional<GraniteMoeBlock> block_sparse_moe;  // none where num_local_experts is 0: it gives 0
  };

  [[nodiscard]] Mixer mixer(std::size_t layer) override { return &layers_[layer].self_attn; }
  void forget_lengths() override { rotary_emb_.forget(); }
  void plan_layers(const CallExtents& extents, const Threads& threads, Slices& memory) const override;
  void begin(const Call& call, const Past& past, const CallTables& tables, CallContext& context,
             const Show& show) override;
  void compute_layer(std::size_t index, const Stream& stream, CallContext& context, const Show& show) override;
  void final_norm(Rows<const float> x, Rows<float> normed, const Threads& threads) const override;

  GraniteMoeConfig config_;
  std::vector<Layer> layers_;
  std::vector<float> norm_;
  RotaryEmbedding rotary_emb_;
};

}  // namespace assay::optimized
