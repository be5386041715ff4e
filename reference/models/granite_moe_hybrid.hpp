// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// GraniteMoeHybridForCausalLM (transformers 5.23.0, models/granitemoehybrid): Mamba2 and attention layers mixed.
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
  void clear_cache() override;
  void forget_lengths() override {
    if (rotary_emb_) rotary_emb_->forget();
  }
  [[nodiscard]] Tensor<T, 3> compute(const Call& call, const Past& past, const Probe& probe) override;

 private:
  struct Layer {
    WeightMatrix input_layernorm;  // [D]
    std::variant<Attention<T>, Mamba2<T>> mixer;
    WeightMatrix post_attention_layernorm;               // [D]
    std::optional<GraniteMoeBlock<T>> block_sparse_moe;  // none in a dense hybrid
    SharedMlp<T> shared_mlp;
  };

  struct Cache {
    KeyValueCache<T> attention;
    Mamba2Cache<T> mamba;
  };

  [[nodiscard]] Tensor<T, 3> mix(std::size_t layer, View<const T, 3> normed, CallContext<T>& context,
                                 const Probe& probe);

  GraniteMoeHybridConfig config_;
  Config any_config_;
  WeightMatrix embed_tokens_;  // [V, D]
  std::vector<Layer> layers_;
  WeightMatrix norm_;     // [D]
  WeightMatrix lm_head_;  // [V, D]
  std::optional<RotaryEmbedding> rotary_emb_;  ///< none unless position_embedding_type is "rope"
  std::vector<Cache> cache_;
};

}  // namespace assay::reference
