// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blocks/activation.hpp"

#include "model/dtype.hpp"
#include "optimized/ops/activation.hpp"
#include "optimized/ops/stored_vector.hpp"

namespace assay::optimized {

ActivationFunction activation_of(Activation kind, const Weights& weights, const std::string& prefix) {
  const auto value = [&](const char* name) {
    return static_cast<double>(read_vector(weights.at(prefix + name)).front());
  };
  ActivationFunction function{.kind = kind};
  if (kind == Activation::prelu) function.slope = value("weight");
  if (kind == Activation::xielu) {
    // XIELUActivation declares bfloat16: whatever a file holds is rounded when it is loaded.
    const auto rounded = [&](const char* name) {
      return static_cast<double>(rounded_to_bf16(read_vector(weights.at(prefix + name)).front()));
    };
    function.beta = rounded("beta");
    function.eps = rounded("eps");
    function.alpha_p = softplus(rounded("alpha_p"));
    function.alpha_n = function.beta + softplus(rounded("alpha_n"));
  }
  return function;
}

}  // namespace assay::optimized
