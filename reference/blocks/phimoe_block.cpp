// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/phimoe_block.hpp"

#include <fmt/format.h>

#include "reference/blocks/activation.hpp"
#include "reference/blocks/residual.hpp"
#include "reference/ops/linear.hpp"
#include "reference/ops/sparsemixer.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {

template <class T>
PhimoeBlock<T>::PhimoeBlock(const Weights& weights, const std::string& prefix, const PhimoeConfig& config)
    : jitter_(config.router_jitter_noise),
      gate_(weight_matrix(weights, prefix + "gate.weight")),
      act_fn_(activation_of(config.hidden_act, weights, prefix + "experts.act_fn.")) {
  for (std::size_t expert = 0; expert < config.num_local_experts; ++expert) {
    const std::string of_expert = fmt::format("{}experts.{}.", prefix, expert);
    experts_.push_back({weight_matrix(weights, of_expert + "w1.weight"), weight_matrix(weights, of_expert + "w3.weight"),
                        weight_matrix(weights, of_expert + "w2.weight")});
  }
}

template <class T>
Tensor<T, 3> PhimoeBlock<T>::forward(View<const T, 3> hidden, CallContext<T>& context, const Probe& probe) const {
  const Routing<T> routing = route(rows(hidden), context, probe);
  return apply_experts<T>(hidden, experts_, act_fn_, routing, probe);
}

template <class T>
Routing<T> PhimoeBlock<T>::route(View<const T, 2> tokens, CallContext<T>& context, const Probe& probe) const {
  Tensor<T, 2> scores({tokens.extent(0), gate_.rows});
  linear<T>(tokens, gate_, std::nullopt, scores.view());          probe(Site::router_logits, scores.view());
  context.outputs.add_router_logits(scores.view());

  // Always two experts, whatever num_experts_per_tok says.
  Routing<T> routing{Tensor<std::int64_t, 2>({tokens.extent(0), 2}), Tensor<T, 2>({tokens.extent(0), 2})};
  for (std::size_t token = 0; token < tokens.extent(0); ++token) {
    const auto experts = sparsemixer_experts<T>(scores.view()[token]);
    routing.experts(token, 0) = experts[0];
    routing.experts(token, 1) = experts[1];
  }
                                                                  probe(Site::router_experts, routing.experts.view());
  for (std::size_t token = 0; token < tokens.extent(0); ++token) {
    const auto weights = sparsemixer_weights<T>(scores.view()[token],
                                                {routing.experts(token, 0), routing.experts(token, 1)}, jitter_);
    routing.weights(token, 0) = weights[0];
    routing.weights(token, 1) = weights[1];
  }
                                                                  probe(Site::router_weights, routing.weights.view());
  return routing;
}

template class PhimoeBlock<float>;
template class PhimoeBlock<double>;
template class PhimoeBlock<Gauged>;

}  // namespace assay::reference
