// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/models/granite_moe.hpp"

#include <fmt/format.h>

#include "optimized/ops/norm.hpp"
#include "optimized/ops/residual.hpp"
#include "optimized/ops/stored_vector.hpp"

namespace assay::optimized {

GraniteMoe::GraniteMoe(const GraniteMoeConfig& config, const Weights& weights, const EngineOptions& options)
    : PackedEngine(config, weights, options),
      config_(config),
      norm_(read_vector(weights.at("model.norm.weight"))),
      rotary_emb_(config) {
  const AttentionOptions attention = granite_attention(config);
  layers_.reserve(config.num_hidden_layers);
  for (std::size_t i = 0; i < config.num_hidden_layers; ++i) {
    const std::string prefix = fmt::format("model.layers.{}.", i);
    layers_.push_back({read_vector(weights.at(prefix + "input_layernorm.weight")),
                       Attention(weights, prefix + "self_attn.", attention, packer()),
                       read_vector(weights.at(prefix + "post_attention_layernorm.weight")),
                       config.num_local_experts > 0
                           ? std::optional(GraniteMoeBlock(weights, prefix + "block_sparse_moe.", config, packer()))
                           : std::nullopt});
  }
  pack(weights, {.embedding_multiplier = static_cast<float>(config.embedding_multiplier),
                 .lm_head = {.divisor = static_cast<float>(config.logits_scaling)}});
}

void GraniteMoe::plan_layers(const CallExtents& extents, const Threads& threads, Slices& memory) const {
  for (const Layer& layer : layers_) {
    layer.self_attn.plan(extents, threads, memory);
    if (layer.block_sparse_moe) layer.block_sparse_moe->plan(extents, memory);
  }
}

void GraniteMoe::begin(const Call& call, const Past& past, const CallTables& tables, CallContext& context,
                       const Show& show) {
  add_masks(context, call, past, {.sliding_window = std::nullopt, .packs_by_position = true}, tables);
  add_rope(context, call, past, rotary_emb_.frequencies(rope_length(call, past)), tables, show);
}

void GraniteMoe::compute_layer(std::size_t index, const Stream& stream, CallContext& context, const Show& show) {
  const auto multiplier = static_cast<float>(config_.residual_multiplier);
  const double eps = config_.rms_norm_eps;
  const Threads& threads = context.threads;
  const Rows<float> x = stream.x;
  const Rows<float> normed = stream.normed;
  const Rows<float> branch = stream.branch;
  Layer& layer = layers_[index];

  rms_norm(x, layer.input_layernorm, eps, normed, threads);                    show(Site::attn_norm_out, normed);
  layer.self_attn.forward(normed, context, show, branch);
  add_scaled(x, branch, multiplier, threads);                                  show(Site::resid_mid, x);

  rms_norm(x, layer.post_attention_layernorm, eps, normed, threads);           show(Site::ffn_norm_out, normed);
  if (layer.block_sparse_moe) {
    layer.block_sparse_moe->forward(normed, context, show, branch);
    add_scaled(x, branch, multiplier, threads);
  }
                                                                               show(Site::layer_out, x);
}

void GraniteMoe::final_norm(Rows<const float> x, Rows<float> normed, const Threads& threads) const {
  rms_norm(x, norm_, config_.rms_norm_eps, normed, threads);
}

}  // namespace assay::optimized
