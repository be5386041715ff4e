// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The mixture of experts of PhiMoE: PhimoeSparseMoeBlock with the sparsemixer.
#pragma once

#include <string>
#include <vector>

#include "model/config/phimoe.hpp"
#include "reference/blocks/call_context.hpp"
#include "reference/blocks/experts.hpp"

namespace assay::reference {

template <class T>
class PhimoeBlock {
 public:
  /// `prefix` is "model.layers.{i}.block_sparse_moe.".
  PhimoeBlock(const Weights& weights, const std::string& prefix, const PhimoeConfig& config);

  [[nodiscard]] Tensor<T, 3> forward(View<const T, 3> hidden,  // [B, L, D]
                                     CallContext<T>& context,
                                     const Probe& probe) const;  // -> [B, L, D]

 private:
  [[nodiscard]] Routing<T> route(View<const T, 2> tokens, CallContext<T>& context, const Probe& probe) const;

  double jitter_;
  WeightMatrix gate_;  // [E, D]
  std::vector<ExpertWeights> experts_;
  ActivationFunction act_fn_;
};

}  // namespace assay::reference
