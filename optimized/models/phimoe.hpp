// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// PhimoeForCausalLM: LayerNorm with bias, attention with biases and an optional sliding window, two experts a token.
#pragma once

#include <string>
#include <vector>

#include "model/config/phimoe.hpp"
#include "optimized/blocks/attention.hpp"
#include "optimized/blocks/phimoe_block.hpp"
#include "optimized/blocks/rotary_embedding.hpp"
#include "optimized/models/packed_engine.hpp"

namespace assay::optimized {

class Phimoe final : public PackedEngine {
 public:
  Phimoe(const PhimoeConfig& config, const Weights& weights, const EngineOptions& options);

 private:
  struct LayerNorm {
    std::vector<float> weight;
    std::vector<float> bias;
  };
  struct Layer {
    LayerNorm input_layernorm;
    Attention self_attn;
    LayerNorm post_attention_layernorm;
    PhimoeBlock block_sparse_moe;
  };

  [[nodiscard]] static LayerNorm norm_named(const Weights& weights, const std::string& name);

  void clear_cache() override;
  void reserve_cache(std::size_t batch, std::size_t tokens, std::size_t cache_tokens) override;
  void plan_layers(const CallExtents& extents, const Threads& threads, Slices& memory) const override;
  void compute(const Call& call, const Past& past, const CallTables& tables, Stream& stream, CallContext& context,
               const Show& show) override;
  [[nodiscard]] const LmHead& lm_head() const override { return lm_head_; }

  PhimoeConfig config_;
  std::size_t head_dim_;
  const StoredTensor& embed_tokens_;
  std::vector<Layer> layers_;
  LayerNorm norm_;
  PhimoeRotaryEmbedding rotary_emb_;
  LmHead lm_head_;
};

}  // namespace assay::optimized
