// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// GraniteMoeHybridModel (transformers 5.23.0, models/granitemoehybrid) and what stands on it: Mamba2 and attention
// layers mixed.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "model/config/config.hpp"
#include "reference/blocks/attention.hpp"
#include "reference/blocks/granite_moe_block.hpp"
#include "reference/blocks/mamba2.hpp"
#include "reference/blocks/rotary_embedding.hpp"
#include "reference/blocks/shared_mlp.hpp"
#include "reference/models/scalar_engine.hpp"

namespace assay::reference {

template <class T>
class GraniteMoeHybrid final : public ScalarEngine<T> {
 public:
  GraniteMoeHybrid(const GraniteMoeHybridConfig& config, const Weights& weights);

 protected:
  [[nodiscard]] const Config& config() const override { return any_config_; }
  void forget_lengths() override {
    if (rotary_emb_) rotary_emb_->forget();
  }
  [[nodiscard]] HeadOutput<T> compute(const Call& call, const Past& past, std::vector<LayerCache<T>>& cache,
                                      const Probe& probe) override;

 private:
  struct Layer {
    WeightMatrix input_layernorm;  // [D]
    std::variant<Attention<T>, Mamba2<T>> mixer;
    WeightMatrix post_attention_layernorm;               // [D]
    std::optional<GraniteMoeBlock<T>> block_sparse_moe;  // none in a dense hybrid
    SharedMlp<T> shared_mlp;
  };

  [[nodiscard]] static Tensor<T, 3> mix(const Layer& layer, View<const T, 3> normed, CallContext<T>& context,
                                        LayerCache<T>& cache, const Probe& probe);

  GraniteMoeHybridConfig config_;
  Config any_config_;
  WeightMatrix embed_tokens_;  // [V, D]
  std::vector<Layer> layers_;
  WeightMatrix norm_;  // [D]
  std::optional<RotaryEmbedding> rotary_emb_;  ///< none unless position_embedding_type is "rope"
  Heads<T> heads_;
};

}  // namespace assay::reference
