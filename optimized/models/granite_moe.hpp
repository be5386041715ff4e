// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// GraniteMoeForCausalLM: attention, then experts; every branch is scaled before it joins the residual stream.
#pragma once

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
    GraniteMoeBlock block_sparse_moe;
  };

  void clear_cache() override;
  void forget_lengths() override { rotary_emb_.forget(); }
  void reserve_cache(std::size_t batch, std::size_t tokens, std::size_t cache_tokens) override;
  void plan_layers(const CallExtents& extents, const Threads& threads, Slices& memory) const override;
  void compute(const Call& call, const Past& past, const CallTables& tables, Stream& stream, CallContext& context,
               const Show& show) override;
  [[nodiscard]] const LmHead& lm_head() const override { return lm_head_; }

  GraniteMoeConfig config_;
  const StoredTensor& embed_tokens_;
  std::vector<Layer> layers_;
  std::vector<float> norm_;
  RotaryEmbedding rotary_emb_;
  LmHead lm_head_;
};

}  // namespace assay::optimized
