// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The routed experts of a layer, token by token: each chosen expert is a gated MLP, and its output is weighted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/config/activation.hpp"
#include "model/probe.hpp"
#include "model/tensor.hpp"
#include "reference/weight.hpp"

namespace assay::reference {

/// One expert: down(act(gate(x)) * up(x)).
struct ExpertWeights {
  WeightMatrix gate;  // [I, D]
  WeightMatrix up;    // [I, D]
  WeightMatrix down;  // [D, I]
};

/// What a router decides for every token.
template <class T>
struct Routing {
  Tensor<std::int64_t, 2> experts;  // [T, k]
  Tensor<T, 2> weights;             // [T, k]
};

/// sum over the slots of weight * expert(hidden); emits the sites expert_gate_up to moe_out.
template <class T>
[[nodiscard]] Tensor<T, 3> apply_experts(View<const T, 3> hidden,  // [B, L, D]
                                         const std::vector<ExpertWeights>& experts, const ActivationFunction& act_fn,
                                         const Routing<T>& routing,
                                         const Probe& probe);  // -> [B, L, D]

}  // namespace assay::reference
