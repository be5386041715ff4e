// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/models/granite_moe_hybrid.hpp"

#include <fmt/format.h>

#include "optimized/ops/embed.hpp"
#include "optimized/ops/norm.hpp"
#include "optimized/ops/residual.hpp"
#include "optimized/ops/stored_vector.hpp"

namespace assay::optimized {

GraniteMoeHybrid::GraniteMoeHybrid(const GraniteMoeHybridConfig& config, const Weights& weights,
                                   const EngineOptions& options)
    : PackedEngine(config, options),
      config_(config),
      embed_tokens_(weights.at("model.embed_tokens.weight")),
      norm_(read_vector(weights.at("model.norm.weight"))) {
  using Mixer = std::variant<Attention, Mamba2>;
  const AttentionOptions attention = granite_attention(config);
  layers_.reserve(config.num_hidden_layers);
  for (std::size_t i = 0; i < config.num_hidden_layers; ++i) {
    const std::string prefix = fmt::format("model.layers.{}.", i);
    layers_.push_back({read_vector(weights.at(prefix + "input_layernorm.weight")),
                       config.layer_types[i] == MixerKind::attention
                           ? Mixer(Attention(weights, prefix + "self_attn.", attention, packer()))
                           : Mixer(Mamba2(weights, prefix + "mamba.", config, packer())),
                       read_vector(weights.at(prefix + "post_attention_layernorm.weight")),
                       config.num_local_experts > 0
                           ? std::optional(GraniteMoeBlock(weights, prefix + "block_sparse_moe.", config, packer()))
                           : std::nullopt,
                       SharedMlp(weights, prefix + "shared_mlp.", config.shared_intermediate_size, config.hidden_act,
                                 packer())});
  }
  lm_head_ = {packer().add({blis::all_rows(weights.at("lm_head.weight"), "lm_head.weight")}),
              {},
              static_cast<float>(config.logits_scaling)};
  pack();
}

void GraniteMoeHybrid::clear_cache() {
  for (Layer& layer : layers_) std::visit([](auto& mixer) { mixer.clear_cache(); }, layer.mixer);
}

void GraniteMoeHybrid::reserve_cache(std::size_t batch, std::size_t tokens, std::size_t cache_tokens) {
  for (Layer& layer : layers_) {
    if (auto* attention = std::get_if<Attention>(&layer.mixer)) attention->reserve(batch, tokens, cache_tokens);
    if (auto* mamba = std::get_if<Mamba2>(&layer.mixer)) mamba->reserve(batch);
  }
}

void GraniteMoeHybrid::plan_layers(const CallExtents& extents, const Threads& threads, Slices& memory) const {
  for (const Layer& layer : layers_) {
    std::visit([&](const auto& mixer) { mixer.plan(extents, threads, memory); }, layer.mixer);
    if (layer.block_sparse_moe) layer.block_sparse_moe->plan(extents, memory);
    layer.shared_mlp.plan(extents, memory);
  }
}

void GraniteMoeHybrid::compute(const Call& call, const Past& past, const CallTables& tables, Stream& stream,
                               CallContext& context, const Show& show) {
  const auto multiplier = static_cast<float>(config_.residual_multiplier);
  const double eps = config_.rms_norm_eps;
  const Threads& threads = context.threads;
  const Rows<float> x = stream.x;
  const Rows<float> normed = stream.normed;
  const Rows<float> branch = stream.branch;
  add_masks(context, call, past, {.sliding_window = std::nullopt, .packs_by_position = false}, tables);
  embed(call.input_ids.flat(), embed_tokens_, static_cast<float>(config_.embedding_multiplier), x, threads);
                                                                               show(Site::embed_out, x);
  if (config_.position_embedding_type == "rope") {
    add_rope(context, call, past, config_.rope.rope_theta, granite_attention(config_).shape.head_dim, tables, show);
  }

  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Layer& layer = layers_[i];
    const Show at = show.in(LayerIndex{i});

    rms_norm(x, layer.input_layernorm, eps, normed, threads);                  at(Site::attn_norm_out, normed);
    std::visit([&](auto& mixer) { mixer.forward(normed, context, at, branch); }, layer.mixer);
    add_scaled(x, branch, multiplier, threads);                                at(Site::resid_mid, x);

    rms_norm(x, layer.post_attention_layernorm, eps, normed, threads);         at(Site::ffn_norm_out, normed);
    // Both branches read the same normed stream; their sum is scaled once.
    if (layer.block_sparse_moe) {
      layer.block_sparse_moe->forward(normed, context, at, branch);
      layer.shared_mlp.forward(normed, context, at, stream.second);
      add_scaled(branch, stream.second, 1.0F, threads);
    } else {
      layer.shared_mlp.forward(normed, context, at, branch);
    }
    add_scaled(x, branch, multiplier, threads);                                at(Site::layer_out, x);
  }

  rms_norm(x, norm_, eps, normed, threads);                                    show(Site::final_norm_out, normed);
}

}  // namespace assay::optimized
