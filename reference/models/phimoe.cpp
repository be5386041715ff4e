// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/models/phimoe.hpp"

#include <fmt/format.h>

#include <cmath>

#include "reference/blocks/residual.hpp"
#include "reference/ops/norm.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {

template <class T>
Phimoe<T>::Phimoe(const PhimoeConfig& config, const Weights& weights)
    : config_(config),
      any_config_(config),
      embed_tokens_(weight_matrix(weights, "model.embed_tokens.weight")),
      norm_(norm_named(weights, "model.norm")),
      rotary_emb_(config),
      heads_(weights, config, {.logits_scaling = 1.0, .lm_head_bias = config.lm_head_bias}) {
  const std::size_t head_dim = config.head_dim.value_or(config.hidden_size / config.num_attention_heads);
  const AttentionOptions attention{
      .heads = config.num_attention_heads,
      .kv_heads = config.num_key_value_heads,
      .head_dim = head_dim,
      .scale = 1.0 / std::sqrt(static_cast<double>(head_dim)),
      .bias = config.attention_bias,
      .sliding_window = config.sliding_window,
  };
  for (std::size_t i = 0; i < config.num_hidden_layers; ++i) {
    const std::string prefix = fmt::format("model.layers.{}.", i);
    layers_.push_back({norm_named(weights, prefix + "input_layernorm"),
                       Attention<T>(weights, prefix + "self_attn.", attention),
                       norm_named(weights, prefix + "post_attention_layernorm"),
                       PhimoeBlock<T>(weights, prefix + "block_sparse_moe.", config)});
  }
}

template <class T>
typename Phimoe<T>::LayerNorm Phimoe<T>::norm_named(const Weights& weights, const std::string& name) {
  return {weight_matrix(weights, name + ".weight"), weight_matrix(weights, name + ".bias")};
}

template <class T>
HeadOutput<T> Phimoe<T>::compute(const Call& call, const Past& past, std::vector<LayerCache<T>>& cache,
                                 const Probe& probe) {
  CallContext<T> context =
      make_context<T>(call, past, {.sliding_window = config_.sliding_window, .packs_by_position = true});
  Tensor<T, 3> x = embed<T>(call, embed_tokens_, 1.0);
  Tensor<T, 3> normed = x;
  // The config calls it rms_norm_eps; it is the epsilon of a LayerNorm.
  const double eps = config_.rms_norm_eps;
                                                                               probe(Site::embed_out, x.view());
  const auto tokens = static_cast<std::int64_t>(past.tokens + context.length);
  add_rope(context, call, past, rotary_emb_.frequencies(rope_length(call, past), tokens), probe);

  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const Probe at = probe.in(LayerIndex{i});
    context.outputs.add_hidden_states(x.view());

    layer_norm<T>(rows(x), layer.input_layernorm.weight, layer.input_layernorm.bias, eps, rows(normed));
                                                                               at(Site::attn_norm_out, normed.view());
    const Tensor<T, 3> mixed = layer.self_attn.forward(normed.view(), context, cache[i].attention, at);
    add_branch<T>(x.view(), mixed.view(), 1.0);                                at(Site::resid_mid, x.view());

    layer_norm<T>(rows(x), layer.post_attention_layernorm.weight, layer.post_attention_layernorm.bias, eps,
                  rows(normed));
                                                                               at(Site::ffn_norm_out, normed.view());
    const Tensor<T, 3> moe = layer.block_sparse_moe.forward(normed.view(), context, at);
    add_branch<T>(x.view(), moe.view(), 1.0);                                  at(Site::layer_out, x.view());
  }

  layer_norm<T>(rows(x), norm_.weight, norm_.bias, eps, rows(normed));         probe(Site::final_norm_out, normed.view());
  context.outputs.show(normed.view(), probe);
  return heads_.forward(call, normed.view(), context.outputs, probe);
}

template class Phimoe<float>;
template class Phimoe<double>;
template class Phimoe<Gauged>;

}  // namespace assay::reference
