// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The scalar functions of the models, of a double or of a Gauged number.
#pragma once

#include "model/config/activation.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {

/// x * sigmoid(x). torch.nn.functional.silu.
template <class Number>
[[nodiscard]] Number silu(const Number& x) {
  return x / (1.0 + exp(-x));
}

/// log(1 + exp(x)), and x itself above 20, as torch.nn.functional.softplus has it.
template <class Number>
[[nodiscard]] Number softplus(const Number& x) {
  return x > 20.0 ? x : log1p(exp(x));
}

/// Between the limits; NaN is neither above nor below.
template <class Number>
[[nodiscard]] Number clipped(const Number& x, double low, double high) {
  if (x < low) return border(low, x);
  if (x > high) return border(high, x);
  return x;
}

/// What ACT2FN[hidden_act] computes in transformers 5.23.0 (activations, and torch.nn for those that it takes from
/// there), constants as written there. NaN stays NaN.
template <class Number>
[[nodiscard]] Number activate(const ActivationFunction& function, const Number& x);

}  // namespace assay::reference
