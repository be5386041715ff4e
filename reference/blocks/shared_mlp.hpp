// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The MLP that every token passes: GraniteMoeSharedMLP and GraniteMoeHybridMLP.
#pragma once

#include <string>

#include "model/config/activation.hpp"
#include "model/probe.hpp"
#include "model/tensor.hpp"
#include "reference/weight.hpp"

namespace assay::reference {

template <class T>
class SharedMlp {
 public:
  /// `prefix` is "model.layers.{i}.shared_mlp.".
  SharedMlp(const Weights& weights, const std::string& prefix, Activation activation);

  [[nodiscard]] Tensor<T, 3> forward(View<const T, 3> hidden,     // [B, L, D]
                                     const Probe& probe) const;  // -> [B, L, D]

 private:
  WeightMatrix input_;   // [2 Is, D]: the gate, then the up projection
  WeightMatrix output_;  // [D, Is]
  ActivationFunction activation_;
};

}  // namespace assay::reference
