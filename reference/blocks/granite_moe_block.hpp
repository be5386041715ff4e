// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The mixture of experts of the Granite models: GraniteMoeMoE with GraniteMoeTopKGating.
#pragma once

#include <string>
#include <vector>

#include "model/config/granite_moe.hpp"
#include "reference/blocks/call_context.hpp"
#include "reference/blocks/experts.hpp"

namespace assay::reference {

template <class T>
class GraniteMoeBlock {
 public:
  /// `prefix` is "model.layers.{i}.block_sparse_moe.".
  GraniteMoeBlock(const Weights& weights, const std::string& prefix, const GraniteMoeConfig& config);

  [[nodiscard]] Tensor<T, 3> forward(View<const T, 3> hidden,  // [B, L, D]
                                     CallContext<T>& context,
                                     const Probe& probe) const;  // -> [B, L, D]

 private:
  [[nodiscard]] Routing<T> route(View<const T, 2> tokens, CallContext<T>& context, const Probe& probe) const;

  std::size_t experts_per_token_;
  WeightMatrix router_;  // [E, D]
  std::vector<ExpertWeights> experts_;
  ActivationFunction act_fn_;
};

}  // namespace assay::reference
