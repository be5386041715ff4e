// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/models/granite_moe_hybrid.hpp"

#include <fmt/format.h>

#include "optimized/ops/norm.hpp"
#include "optimized/ops/residual.hpp"
#include "optimized/ops/stored_vector.hpp"

namespace assay::optimized {

GraniteMoeHybrid::GraniteMoeHybrid(const GraniteMoeHybridConfig& config, const Weights& weights,
                                   const EngineOptions& options)
    : PackedEngine(config, weights, options),
      config_(config),
      norm_(read_vector(weights.at("model.norm.weight"))),
      rotary_emb_(config.position_embedding_type == "rope" ? std::optional(RotaryEmbedding(config)) : std::nullopt) {
  using Stored = std::variant<Attention, Mamba2>;
  const AttentionOptions attention = granite_attention(config);
  layers_.reserve(config.num_hidden_layers);
  for (std::size_t i = 0; i < config.num_hidden_layers; ++i) {
    const std::string prefix = fmt::format("model.layers.{}.", i);
    layers_.push_back({read_vector(weights.at(prefix + "input_layernorm.weight")),
                       config.layer_types[i] == MixerKind::attention
                           ? Stored(Attention(weights, prefix + "self_attn.", attention, packer()))
                           : Stored(Mamba2(weights, prefix + "mamba.", config, packer())),
                       read_vector(weights.at(prefix + "post_attention_layernorm.weight")),
                       config.num_local_experts > 0
                           ? std::optional(GraniteMoeBlock(weights, prefix + "block_sparse_moe.", config, packer()))
                           : std::nullopt,
                       SharedMlp(weights, prefix + "shared_mlp.", config.shared_intermediate_size, config.hidden_act,
                                 packer())});
  }
  pack(weights, {.embedding_multiplier = static_cast<float>(config.embedding_multiplier),
                 .lm_head = {.divisor = static_cast<float>(config.logits_scaling)}});
}

PackedEngine::Mixer GraniteMoeHybrid::mixer(std::size_t layer) {
  return std::visit([](auto& mixer) { return Mixer(&mixer); }, layers_[layer].mixer);
}

void GraniteMoeHybrid::plan_layers(const CallExtents& extents, const Threads& threads, Slices& memory) const {
  for (const Layer& layer : layers_) {
    std::visit([&](const auto& mixer) { mixer.plan(extents, threads, memory); }, layer.mixer);
    if (layer.block_sparse_moe) layer.block_sparse_moe->plan(extents, memory);
    layer.shared_mlp.plan(extents, memory);
  }
}

void GraniteMoeHybrid::begin(const Call& call, const Past& past, const CallTables& tables, CallContext& context,
                             const Show& show) {
  add_masks(context, call, past, {.sliding_window = std::nullopt, .packs_by_position = false}, tables);
  if (rotary_emb_) add_rope(context, call, past, rotary_emb_->frequencies(rope_length(call, past)), tables, show);
}

void GraniteMoeHybrid::compute_layer(std::size_t index, const Stream& stream, CallContext& context, const Show& show) {
  const auto multiplier = static_cast<float>(config_.residual_multiplier);
  const double eps = config_.rms_norm_eps;
  const Threads& threads = context.threads;
  const Rows<float> x = stream.x;
  const Rows<float> normed = stream.normed;
  const Rows<float> branch = stream.branch;
  Layer& layer = layers_[index];

  rms_norm(x, layer.input_layernorm, eps, normed, threads);                    show(Site::attn_norm_out, normed);
  std::visit([&](auto& mixer) { mixer.forward(normed, context, show, branch); }, layer.mixer);
  add_scaled(x, branch, multiplier, threads);                                  show(Site::resid_mid, x);

  rms_norm(x, layer.post_attention_layernorm, eps, normed, threads);           show(Site::ffn_norm_out, normed);
  // Both branches read the same normed stream; their sum is scaled once.
  if (layer.block_sparse_moe) {
    layer.block_sparse_moe->forward(normed, context, show, branch);
    layer.shared_mlp.forward(normed, context, show, stream.second);
    add_scaled(branch, stream.second, 1.0F, threads);
  } else {
    layer.shared_mlp.forward(normed, context, show, branch);
  }
  add_scaled(x, branch, multiplier, threads);                                  show(Site::layer_out, x);
}

void GraniteMoeHybrid::final_norm(Rows<const float> x, Rows<float> normed, const Threads& threads) const {
  rms_norm(x, norm_, config_.rms_norm_eps, normed, threads);
}

}  // namespace assay::optimized
