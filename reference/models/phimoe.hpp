// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// PhimoeModel (transformers 5.23.0, models/phimoe) and what stands on it.
#pragma once

#include <vector>

#include "model/config/config.hpp"
#include "reference/blocks/attention.hpp"
#include "reference/blocks/phimoe_block.hpp"
#include "reference/blocks/rotary_embedding.hpp"
#include "reference/models/scalar_engine.hpp"

namespace assay::reference {

template <class T>
class Phimoe final : public ScalarEngine<T> {
 public:
  Phimoe(const PhimoeConfig& config, const Weights& weights);

 protected:
  [[nodiscard]] const Config& config() const override { return any_config_; }
  [[nodiscard]] HeadOutput<T> compute(const Call& call, const Past& past, std::vector<LayerCache<T>>& cache,
                                      const Probe& probe) override;

 private:
  struct LayerNorm {
    WeightMatrix weight;  // [D]
    WeightMatrix bias;    // [D]
  };

  struct Layer {
    LayerNorm input_layernorm;
    Attention<T> self_attn;
    LayerNorm post_attention_layernorm;
    PhimoeBlock<T> block_sparse_moe;
  };

  [[nodiscard]] static LayerNorm norm_named(const Weights& weights, const std::string& name);

  PhimoeConfig config_;
  Config any_config_;
  WeightMatrix embed_tokens_;  // [V, D]
  std::vector<Layer> layers_;
  LayerNorm norm_;
  PhimoeRotaryEmbedding rotary_emb_;
  Heads<T> heads_;
};

}  // namespace assay::reference
