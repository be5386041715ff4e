// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/activation.hpp"

#include <cmath>
#include <numbers>

namespace assay::reference {
namespace {

template <class Number>
Number sigmoid(const Number& x) {
  return 1.0 / (1.0 + exp(-x));
}

/// torch.nn.functional.gelu. Left of zero erf is close to -1, and the digits that its sum with 1 loses are lost in
/// transformers too.
template <class Number>
Number gelu(const Number& x) {
  return x * 0.5 * (1.0 + erf(x / std::numbers::sqrt2));
}

/// The approximation of gelu by tanh: NewGELUActivation, GELUTanh, AccurateGELUActivation.
template <class Number>
Number gelu_tanh(const Number& x) {
  const double scale = std::sqrt(2.0 / std::numbers::pi);
  return 0.5 * x * (1.0 + tanh(scale * (x + 0.044715 * x * x * x)));
}

/// FastGELUActivation: the same with a constant of ten digits.
template <class Number>
Number gelu_fast(const Number& x) {
  return 0.5 * x * (1.0 + tanh(x * 0.7978845608 * (1.0 + 0.044715 * x * x)));
}

/// LaplaceActivation, mu and sigma as its forward has them.
template <class Number>
Number laplace(const Number& x) {
  return 0.5 * (1.0 + erf((x - 0.707107) / (0.282095 * std::numbers::sqrt2)));
}

/// x where it is positive, else a part of it.
template <class Number>
Number leaky(const Number& x, double slope) {
  return x > 0.0 ? x : slope * x + border(0.0, x);
}

template <class Number>
Number relu(const Number& x) {
  return x < 0.0 ? border(0.0, x) : x;
}

/// XIELUActivation._xielu_python.
template <class Number>
Number xielu(const ActivationFunction& learned, const Number& x) {
  if (x > 0.0) return learned.alpha_p * x * x + learned.beta * x;
  const Number capped = x > learned.eps ? border(learned.eps, x) : x;
  return (expm1(capped) - x) * learned.alpha_n + learned.beta * x;
}

}  // namespace

template <class Number>
Number activate(const ActivationFunction& function, const Number& x) {
  switch (function.kind) {
    case Activation::gelu:
    case Activation::gelu_python:
      return gelu(x);
    case Activation::gelu_10:
      return clipped(gelu(x), -10.0, 10.0);
    case Activation::gelu_accurate:
    case Activation::gelu_new:
    case Activation::gelu_python_tanh:
    case Activation::gelu_pytorch_tanh:
      return gelu_tanh(x);
    case Activation::gelu_fast:
      return gelu_fast(x);
    case Activation::hardswish:
      return x * clipped(x + 3.0, 0.0, 6.0) / 6.0;
    case Activation::laplace:
      return laplace(x);
    case Activation::leaky_relu:
      return leaky(x, 0.01);
    case Activation::linear:
      return x;
    case Activation::mish:
      return x * tanh(softplus(x));
    case Activation::prelu:
      return leaky(x, function.slope);
    case Activation::quick_gelu:
      return x * sigmoid(1.702 * x);
    case Activation::relu:
      return relu(x);
    case Activation::relu2:
      return relu(x) * relu(x);
    case Activation::relu6:
      return clipped(x, 0.0, 6.0);
    case Activation::sigmoid:
      return sigmoid(x);
    case Activation::silu:
    case Activation::swish:
      return silu(x);
    case Activation::sqrtsoftplus:
      return sqrt(softplus(x));
    case Activation::tanh:
      return tanh(x);
    case Activation::xielu:
      return xielu(function, x);
  }
  return std::nan("");  // not reached: the switch is complete
}

template double activate<double>(const ActivationFunction&, const double&);
template Gauged activate<Gauged>(const ActivationFunction&, const Gauged&);

}  // namespace assay::reference
