// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// GraniteMoeModel (transformers 5.23.0, models/granitemoe) and what stands on it.
#pragma once

#include <optional>
#include <vector>

#include "model/config/config.hpp"
#include "reference/blocks/attention.hpp"
#include "reference/blocks/granite_moe_block.hpp"
#include "reference/blocks/rotary_embedding.hpp"
#include "reference/models/scalar_engine.hpp"

namespace assay::reference {

template <class T>
class GraniteMoe final : public ScalarEngine<T> {
 public:
  GraniteMoe(const GraniteMoeConfig& config, const Weights& weights);

 protected:
  [[nodiscard]] const Config& config() const override { return any_config_; }
  void forget_lengths() override { rotary_emb_.forget(); }
  [[nodiscard]] HeadOutput<T> compute(const Call& call, const Past& past, std::vector<LayerCache<T>>& cache,
                                      const Probe& probe) override;

 private:
  struct Layer {
    WeightMatrix input_layernorm;           // [D]
    Attention<T> self_attn;
    WeightMatrix post_attention_layernorm;  // [D]
    std::optional<GraniteMoeBlock<T>> block_sparse_moe;  // none where num_local_experts is 0: it gives 0
  };

  GraniteMoeConfig config_;
  Config any_config_;
  WeightMatrix embed_tokens_;  // [V, D]
  std::vector<Layer> layers_;
  WeightMatrix norm_;  // [D]
  RotaryEmbedding rotary_emb_;
  Heads<T> heads_;
};

}  // namespace assay::reference
