// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The Mamba2 mixer of the hybrid, one token after the other: GraniteMoeHybridMambaLayer.
#pragma once

#include <optional>
#include <string>

#include "model/config/granite_moe_hybrid.hpp"
#include "model/probe.hpp"
#include "model/tensor.hpp"
#include "reference/blocks/call_context.hpp"
#include "reference/ops/ssm.hpp"
#include "reference/weight.hpp"

namespace assay::reference {

template <class T>
struct Mamba2Cache {
  Tensor<T, 3> conv;  // [B, C, K]: the last K columns before the activation, oldest first
  Tensor<T, 4> ssm;   // [B, Hm, P, N]
};

template <class T>
class Mamba2 {
 public:
  /// `prefix` is "model.layers.{i}.mamba.".
  Mamba2(const Weights& weights, const std::string& prefix, const GraniteMoeHybridConfig& config);

  [[nodiscard]] Tensor<T, 3> forward(View<const T, 3> hidden,  // [B, L, D]
                                     const CallContext<T>& context, Mamba2Cache<T>& cache,
                                     const Probe& probe) const;  // -> [B, L, D]

 private:
  [[nodiscard]] Tensor<T, 3> time_steps(const Tensor<T, 3>& projected, bool clamps) const;

  SsmExtents extents_;
  std::size_t inner_;     // Im
  std::size_t channels_;  // C
  std::size_t taps_;      // K
  double eps_;
  ActivationFunction act_;  // of the convolution; never the learned one, see ActivationFunction
  double time_step_min_;
  double time_step_max_;
  WeightMatrix in_proj_;  // [Im + C + Hm, D]: gate, x | B | C, dt
  std::optional<WeightMatrix> in_proj_bias_;
  WeightMatrix conv_;  // [C, 1, K]
  std::optional<WeightMatrix> conv_bias_;
  WeightMatrix dt_bias_;  // [Hm]
  WeightMatrix a_log_;    // [Hm]
  WeightMatrix d_;        // [Hm]
  WeightMatrix norm_;     // [Im]
  WeightMatrix out_proj_;  // [D, Im]
  std::optional<WeightMatrix> out_proj_bias_;
};

}  // namespace assay::reference
