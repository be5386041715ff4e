// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// GraniteMoeSharedForCausalLM: attention, then experts and, where it has a width, an MLP shared by all tokens.
#pragma once

#include <optional>
#include <vector>

#include "model/config/granite_moe_shared.hpp"
#include "optimized/blocks/attention.hpp"
#include "optimized/blocks/granite_moe_block.hpp"
#include "optimized/blocks/rotary_embedding.hpp"
#include "optimized/blocks/shared_mlp.hpp"
#include "optimized/models/packed_engine.hpp"

namespace assay::optimized {

class GraniteMoeShared final : public PackedEngine {
 public:
  GraniteMoeShared(const GraniteMoeSharedConfig& config, const Weights& weights, const EngineOptions& options);

 private:
  struct Layer {
    std::vector<float> input_layernorm;
    Attention self_attn;
    std::vector<float> post_attention_layernorm;
    std::optional<GraniteMoeBlock> block_sparse_moe;  // none where num_local_experts is 0: it gives 0
    std::optional<SharedMlp> shared_mlp;
  };

  [[nodiscard]] Mixer mixer(std::size_t layer) override { return &layers_[layer].self_attn; }
  void forget_lengths() override { rotary_emb_.forget(); }
  void plan_layers(const CallExtents& extents, const Threads& threads, Slices& memory) const override;
  void begin(const Call& call, const Past& past, const CallTables& tables, CallContext& context,
             const Show& show) override;
  void compute_layer(std::size_t index, const Stream& stream, CallContext& context, const Show& show) override;
  void final_norm(Rows<const float> x, Rows<float> normed, const Threads& threads) const override;

  GraniteMoeSharedConfig config_;
  std::vector<Layer> layers_;
  std::vector<float> norm_;
  RotaryEmbedding rotary_emb_;
};

}  // namespace assay::optimized
