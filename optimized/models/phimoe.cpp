// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/models/phimoe.hpp"

#include <fmt/format.h>

#include <cmath>

#include "optimized/ops/norm.hpp"
#include "optimized/ops/residual.hpp"
#include "optimized/ops/stored_vector.hpp"

namespace assay::optimized {

Phimoe::Phimoe(const PhimoeConfig& config, const Weights& weights, const EngineOptions& options)
    : PackedEngine(config, weights, options),
      config_(config),
      head_dim_(config.head_dim.value_or(config.hidden_size / config.num_attention_heads)),
      norm_(norm_named(weights, "model.norm")),
      rotary_emb_(config) {
  const AttentionOptions attention{
      .shape = {.heads = config.num_attention_heads,
                .kv_heads = config.num_key_value_heads,
                .head_dim = head_dim_,
                .scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(head_dim_)))},
      .bias = config.attention_bias,
      .sliding_window = config.sliding_window,
  };
  layers_.reserve(config.num_hidden_layers);
  for (std::size_t i = 0; i < config.num_hidden_layers; ++i) {
    const std::string prefix = fmt::format("model.layers.{}.", i);
    layers_.push_back({norm_named(weights, prefix + "input_layernorm"),
                       Attention(weights, prefix + "self_attn.", attention, packer()),
                       norm_named(weights, prefix + "post_attention_layernorm"),
                       PhimoeBlock(weights, prefix + "block_sparse_moe.", config, packer())});
  }
  pack(weights, {.lm_head = {.bias = config.lm_head_bias}});
}

Phimoe::LayerNorm Phimoe::norm_named(const Weights& weights, const std::string& name) {
  return {read_vector(weights.at(name + ".weight")), read_vector(weights.at(name + ".bias"))};
}

void Phimoe::plan_layers(const CallExtents& extents, const Threads& threads, Slices& memory) const {
  for (const Layer& layer : layers_) {
    layer.self_attn.plan(extents, threads, memory);
    layer.block_sparse_moe.plan(extents, memory);
  }
}

void Phimoe::begin(const Call& call, const Past& past, const CallTables& tables, CallContext& context,
                   const Show& show) {
  add_masks(context, call, past, {.sliding_window = config_.sliding_window, .packs_by_position = true}, tables);
  const auto known = static_cast<std::int64_t>(past.tokens + context.extents.length);
  add_rope(context, call, past, rotary_emb_.frequencies(rope_length(call, past), known), tables, show);
}

void Phimoe::compute_layer(std::size_t index, const Stream& stream, CallContext& context, const Show& show) {
  // The config calls it rms_norm_eps; it is the epsilon of a LayerNorm.
  const double eps = config_.rms_norm_eps;
  const Threads& threads = context.threads;
  const Rows<float> x = stream.x;
  const Rows<float> normed = stream.normed;
  const Rows<float> branch = stream.branch;
  Layer& layer = layers_[index];

  layer_norm(x, layer.input_layernorm.weight, layer.input_layernorm.bias, eps, normed, threads);
                                                                               show(Site::attn_norm_out, normed);
  layer.self_attn.forward(normed, context, show, branch);
  add_scaled(x, branch, 1.0F, threads);                                        show(Site::resid_mid, x);

  layer_norm(x, layer.post_attention_layernorm.weight, layer.post_attention_layernorm.bias, eps, normed, threads);
                                                                               show(Site::ffn_norm_out, normed);
  layer.block_sparse_moe.forward(normed, context, show, branch);
  add_scaled(x, branch, 1.0F, threads);                                        show(Site::layer_out, x);
}

void Phimoe::final_norm(Rows<const float> x, Rows<float> normed, const Threads& threads) const {
  layer_norm(x, norm_.weight, norm_.bias, config_.rms_norm_eps, normed, threads);
}

}  // namespace assay::optimized
