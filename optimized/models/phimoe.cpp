// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/models/phimoe.hpp"

#include <fmt/format.h>

#include <cmath>

#include "optimized/ops/embed.hpp"
#include "optimized/ops/norm.hpp"
#include "optimized/ops/residual.hpp"
#include "optimized/ops/stored_vector.hpp"

namespace assay::optimized {

Phimoe::Phimoe(const PhimoeConfig& config, const Weights& weights, const EngineOptions& options)
    : PackedEngine(config, options),
      config_(config),
      head_dim_(config.head_dim.value_or(config.hidden_size / config.num_attention_heads)),
      embed_tokens_(weights.at("model.embed_tokens.weight")),
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
  lm_head_.weight = packer().add({blis::all_rows(weights.at("lm_head.weight"), "lm_head.weight")});
  if (config.lm_head_bias) lm_head_.bias = read_vector(weights.at("lm_head.bias"));
  pack();
}

Phimoe::LayerNorm Phimoe::norm_named(const Weights& weights, const std::string& name) {
  return {read_vector(weights.at(name + ".weight")), read_vector(weights.at(name + ".bias"))};
}

void Phimoe::clear_cache() {
  for (Layer& layer : layers_) layer.self_attn.clear_cache();
}

void Phimoe::reserve_cache(std::size_t batch, std::size_t tokens, std::size_t cache_tokens) {
  for (Layer& layer : layers_) layer.self_attn.reserve(batch, tokens, cache_tokens);
}

void Phimoe::plan_layers(const CallExtents& extents, const Threads& threads, Slices& memory) const {
  for (const Layer& layer : layers_) {
    layer.self_attn.plan(extents, threads, memory);
    layer.block_sparse_moe.plan(extents, memory);
  }
}

void Phimoe::compute(const Call& call, const Past& past, const CallTables& tables, Stream& stream,
                     CallContext& context, const Show& show) {
  // The config calls it rms_norm_eps; it is the epsilon of a LayerNorm.
  const double eps = config_.rms_norm_eps;
  const Threads& threads = context.threads;
  const Rows<float> x = stream.x;
  const Rows<float> normed = stream.normed;
  const Rows<float> branch = stream.branch;
  add_masks(context, call, past, {.sliding_window = config_.sliding_window, .packs_by_position = true}, tables);
  embed(call.input_ids.flat(), embed_tokens_, 1.0F, x, threads);               show(Site::embed_out, x);
  const auto known = static_cast<std::int64_t>(past.tokens + context.extents.length);
  add_rope(context, call, past, rotary_emb_.frequencies(rope_length(call, past), known), tables, show);

  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Layer& layer = layers_[i];
    const Show at = show.in(LayerIndex{i});

    layer_norm(x, layer.input_layernorm.weight, layer.input_layernorm.bias, eps, normed, threads);
                                                                               at(Site::attn_norm_out, normed);
    layer.self_attn.forward(normed, context, at, branch);
    add_scaled(x, branch, 1.0F, threads);                                      at(Site::resid_mid, x);

    layer_norm(x, layer.post_attention_layernorm.weight, layer.post_attention_layernorm.bias, eps, normed, threads);
                                                                               at(Site::ffn_norm_out, normed);
    layer.block_sparse_moe.forward(normed, context, at, branch);
    add_scaled(x, branch, 1.0F, threads);                                      at(Site::layer_out, x);
  }

  layer_norm(x, norm_.weight, norm_.bias, eps, normed, threads);               show(Site::final_norm_out, normed);
}

}  // namespace assay::optimized
