// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/heads.hpp"

#include "reference/blocks/lm_head.hpp"
#include "reference/blocks/losses.hpp"
#include "reference/blocks/pooling.hpp"
#include "reference/blocks/residual.hpp"
#include "reference/ops/linear.hpp"
#include "reference/ops/load_balancing.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {
namespace {

template <class T, std::size_t Rank>
HeadOutput<T> output_of(View<const T, Rank> values) {
  return {{values.flat().begin(), values.flat().end()}, values.shape()};
}

/// Shows a number as a tensor of one element; it may come back replaced.
template <class T>
T shown(Site site, double number, const Probe& probe) {
  T value = narrow<T>(number);
  probe(site, View<T, 1>(&value, {1}));
  return value;
}

}  // namespace

template <class T>
Heads<T>::Heads(const Weights& weights, const TransformerConfig& config, const HeadOptions& options)
    : config_(config),
      options_(options),
      lm_head_(weight_matrix_if(config.head == Head::causal_lm, weights, "lm_head.weight")),
      lm_head_bias_(weight_matrix_if(config.head == Head::causal_lm && options.lm_head_bias, weights, "lm_head.bias")),
      score_(weight_matrix_if(config.head == Head::sequence_classification, weights, "score.weight")) {}

template <class T>
HeadOutput<T> Heads<T>::forward(const Call& call, View<const T, 3> hidden, const CallOutputs<T>& outputs,
                                const Probe& probe) const {
  switch (config_.head) {
    case Head::causal_lm:
      return language(call, hidden, outputs, probe);
    case Head::none:
      return output_of(hidden);
    case Head::sequence_classification:
      return classification(call, hidden, probe);
  }
  return {};
}

template <class T>
HeadOutput<T> Heads<T>::language(const Call& call, View<const T, 3> hidden, const CallOutputs<T>& outputs,
                                 const Probe& probe) const {
  Tensor<T, 3> logits = lm_head<T>(hidden, *lm_head_, lm_head_bias_, options_.logits_scaling, call);
                                                                               probe(Site::logits, logits.view());
  double router_loss = 0.0;
  if (call.output_router_logits) {
    const auto mask = call.attention_mask ? call.attention_mask->flat() : std::span<const std::int64_t>();
    const double aux_loss = load_balancing_loss<T>(outputs.router_logits(), config_.num_experts_per_tok, mask);
    router_loss = config_.router_aux_loss_coef * value_of(shown<T>(Site::aux_loss, aux_loss, probe));
  }
  if (call.labels) shown<T>(Site::loss, language_loss<T>(logits.view(), call) + router_loss, probe);
  return output_of<T, 3>(logits.view());
}

template <class T>
HeadOutput<T> Heads<T>::classification(const Call& call, View<const T, 3> hidden, const Probe& probe) const {
  Tensor<T, 3> scores({hidden.extent(0), hidden.extent(1), score_->rows});
  linear<T>(rows(hidden), *score_, std::nullopt, rows(scores));                probe(Site::score_out, scores.view());
  Tensor<T, 2> pooled = pool<T>(scores.view(), call, config_.pad_token_id);    probe(Site::pooled_logits, pooled.view());
  if (call.has_labels()) shown<T>(Site::loss, classification_loss<T>(pooled.view(), call, config_), probe);
  return output_of<T, 2>(pooled.view());
}

template class Heads<float>;
template class Heads<double>;
template class Heads<Gauged>;

}  // namespace assay::reference
