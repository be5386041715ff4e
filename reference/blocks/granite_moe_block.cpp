// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/granite_moe_block.hpp"

#include "reference/blocks/activation.hpp"
#include "reference/blocks/residual.hpp"
#include "reference/ops/linear.hpp"
#include "reference/ops/top_k.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {

template <class T>
GraniteMoeBlock<T>::GraniteMoeBlock(const Weights& weights, const std::string& prefix, const GraniteMoeConfig& config)
    : experts_per_token_(config.num_experts_per_tok),
      router_(weight_matrix(weights, prefix + "router.layer.weight")),
      act_fn_(activation_of(config.hidden_act, weights, prefix + "experts.act_fn.")) {
  const WeightMatrix input = weight_matrix(weights, prefix + "input_linear.weight");    // [E * 2I, D]
  const WeightMatrix output = weight_matrix(weights, prefix + "output_linear.weight");  // [E * D, I]
  const std::size_t width = config.intermediate_size;
  for (std::size_t expert = 0; expert < config.num_local_experts; ++expert) {
    // The first half of an expert's rows is the gate, the second the up projection.
    experts_.push_back({rows_of(input, expert * 2 * width, width), rows_of(input, expert * 2 * width + width, width),
                        rows_of(output, expert * config.hidden_size, config.hidden_size)});
  }
}

template <class T>
Tensor<T, 3> GraniteMoeBlock<T>::forward(View<const T, 3> hidden, CallContext<T>& context, const Probe& probe) const {
  const Routing<T> routing = route(rows(hidden), context, probe);
  return apply_experts<T>(hidden, experts_, act_fn_, routing, probe);
}

template <class T>
Routing<T> GraniteMoeBlock<T>::route(View<const T, 2> tokens, CallContext<T>& context, const Probe& probe) const {
  Tensor<T, 2> logits({tokens.extent(0), router_.rows});
  linear<T>(tokens, router_, std::nullopt, logits.view());        probe(Site::router_logits, logits.view());
  context.outputs.add_router_logits(logits.view());

  Routing<T> routing{Tensor<std::int64_t, 2>({tokens.extent(0), experts_per_token_}),
                     Tensor<T, 2>({tokens.extent(0), experts_per_token_})};
  for (std::size_t token = 0; token < tokens.extent(0); ++token) {
    top_k<T>(logits.view()[token], routing.experts.view()[token]);
  }
                                                                  probe(Site::router_experts, routing.experts.view());
  for (std::size_t token = 0; token < tokens.extent(0); ++token) {
    top_k_weights<T>(logits.view()[token], routing.experts.view()[token], routing.weights.view()[token]);
  }
                                                                  probe(Site::router_weights, routing.weights.view());
  return routing;
}

template class GraniteMoeBlock<float>;
template class GraniteMoeBlock<double>;
template class GraniteMoeBlock<Gauged>;

}  // namespace assay::reference
