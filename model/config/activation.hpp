// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The functions that hidden_act may name: the keys of ACT2FN in transformers 5.23.0, activations. What each of them
// computes is the business of the engines.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace assay {

enum class Activation {
  gelu,
  gelu_10,
  gelu_accurate,
  gelu_fast,
  gelu_new,
  gelu_python,
  gelu_python_tanh,
  gelu_pytorch_tanh,
  hardswish,
  laplace,
  leaky_relu,
  linear,
  mish,
  prelu,
  quick_gelu,
  relu,
  relu2,
  relu6,
  sigmoid,
  silu,
  sqrtsoftplus,
  swish,
  tanh,
  xielu,
};

/// As config.json spells it.
[[nodiscard]] std::string_view name(Activation activation);

/// Nothing where transformers has no such function.
[[nodiscard]] std::optional<Activation> activation_named(std::string_view name);

/// All of them, by name.
[[nodiscard]] std::vector<Activation> all_activations();

/// One function with what it has learned. The values here are those of a new module of transformers 5.23.0, and are
/// used by the convolution of Mamba2, which builds the function anew in every call, whatever the checkpoint holds.
struct ActivationFunction {
  Activation kind = Activation::silu;
  double slope = 0.25;          ///< prelu: of negative inputs
  double alpha_p = 0.80078125;  ///< xielu: softplus of the parameter, in bfloat16
  double alpha_n = 0.80078125;  ///< xielu: beta + softplus of the parameter, in bfloat16
  double beta = 0.5;            ///< xielu
  double eps = -0x1.0cp-20;     ///< xielu: -1e-6 as bfloat16
};

}  // namespace assay
