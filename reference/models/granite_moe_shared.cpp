// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/models/granite_moe_shared.hpp"

#include <fmt/format.h>

#include "reference/blocks/residual.hpp"
#include "reference/ops/norm.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {

template <class T>
GraniteMoeShared<T>::GraniteMoeShared(const GraniteMoeSharedConfig& config, const Weights& weights)
    : config_(config),
      any_config_(config),
      embed_tokens_(weight_matrix(weights, "model.embed_tokens.weight")),
      norm_(weight_matrix(weights, "model.norm.weight")),
      rotary_emb_(config),
      heads_(weights, config, {.logits_scaling = config.logits_scaling, .lm_head_bias = false}) {
  const AttentionOptions attention = granite_attention(config);
  for (std::size_t i = 0; i < config.num_hidden_layers; ++i) {
    const std::string prefix = fmt::format("model.layers.{}.", i);
    layers_.push_back({weight_matrix(weights, prefix + "input_layernorm.weight"),
                       Attention<T>(weights, prefix + "self_attn.", attention),
                       weight_matrix(weights, prefix + "post_attention_layernorm.weight"),
                       config.num_local_experts > 0
                           ? std::optional(GraniteMoeBlock<T>(weights, prefix + "block_sparse_moe.", config))
                           : std::nullopt,
                       config.shared_intermediate_size > 0
                           ? std::optional(SharedMlp<T>(weights, prefix + "shared_mlp.", config.hidden_act))
                           : std::nullopt});
  }
}

template <class T>
HeadOutput<T> GraniteMoeShared<T>::compute(const Call& call, const Past& past, std::vector<LayerCache<T>>& cache,
                                           const Probe& probe) {
  CallContext<T> context = make_context<T>(call, past, {});
  Tensor<T, 3> x = embed<T>(call, embed_tokens_, config_.embedding_multiplier);
  Tensor<T, 3> normed = x;
                                                                               probe(Site::embed_out, x.view());
  add_rope(context, call, past, rotary_emb_.frequencies(rope_length(call, past)), probe);

  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const Probe at = probe.in(LayerIndex{i});
    context.outputs.add_hidden_states(x.view());

    rms_norm<T>(rows(x), layer.input_layernorm, config_.rms_norm_eps, rows(normed));
                                                                               at(Site::attn_norm_out, normed.view());
    const Tensor<T, 3> mixed = layer.self_attn.forward(normed.view(), context, cache[i].attention, at);
    add_branch<T>(x.view(), mixed.view(), config_.residual_multiplier);        at(Site::resid_mid, x.view());

    rms_norm<T>(rows(x), layer.post_attention_layernorm, config_.rms_norm_eps, rows(normed));
                                                                               at(Site::ffn_norm_out, normed.view());
    // Both branches read the same normed stream; their sum is scaled once.
    Tensor<T, 3> branch({context.batch, context.length, config_.hidden_size});
    if (layer.block_sparse_moe) branch = layer.block_sparse_moe->forward(normed.view(), context, at);
    if (layer.shared_mlp) add_branch<T>(branch.view(), layer.shared_mlp->forward(normed.view(), at).view(), 1.0);
    add_branch<T>(x.view(), branch.view(), config_.residual_multiplier);       at(Site::layer_out, x.view());
  }

  rms_norm<T>(rows(x), norm_, config_.rms_norm_eps, rows(normed));             probe(Site::final_norm_out, normed.view());
  context.outputs.show(normed.view(), probe);
  return heads_.forward(call, normed.view(), context.outputs, probe);
}

template class GraniteMoeShared<float>;
template class GraniteMoeShared<double>;
template class GraniteMoeShared<Gauged>;

}  // namespace assay::reference
