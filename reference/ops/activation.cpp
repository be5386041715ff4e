// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/activation.hpp"

#include <numbers>

namespace assay::reference {
namespace {

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

/// torch.nn.functional.gelu. Left of zero erf is close to -1, and the digits that its sum with 1 loses are lost in
/// transformers too.
double gelu(double x) { return x * 0.5 * (1.0 + std::erf(x / std::numbers::sqrt2)); }

/// The approximation of gelu by tanh: NewGELUActivation, GELUTanh, AccurateGELUActivation.
double gelu_tanh(double x) {
  const double scale = std::sqrt(2.0 / std::numbers::pi);
  return 0.5 * x * (1.0 + std::tanh(scale * (x + 0.044715 * x * x * x)));
}

/// FastGELUActivation: the same with a constant of ten digits.
double gelu_fast(double x) { return 0.5 * x * (1.0 + std::tanh(x * 0.7978845608 * (1.0 + 0.044715 * x * x))); }

/// Between the limits; NaN is neither above nor below.
double clipped(double x, double low, double high) {
  if (x < low) return low;
  if (x > high) return high;
  return x;
}

/// LaplaceActivation, mu and sigma as its forward has them.
double laplace(double x) { return 0.5 * (1.0 + std::erf((x - 0.707107) / (0.282095 * std::numbers::sqrt2))); }

/// x where it is positive, else a part of it.
double leaky(double x, double slope) { return x > 0.0 ? x : slope * x; }

double relu(double x) { return x < 0.0 ? 0.0 : x; }

/// XIELUActivation._xielu_python.
double xielu(const ActivationFunction& learned, double x) {
  if (x > 0.0) return learned.alpha_p * x * x + learned.beta * x;
  const double capped = x > learned.eps ? learned.eps : x;
  return (std::expm1(capped) - x) * learned.alpha_n + learned.beta * x;
}

}  // namespace

double activate(const ActivationFunction& function, double x) {
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
      return x * std::tanh(softplus(x));
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
      return std::sqrt(softplus(x));
    case Activation::tanh:
      return std::tanh(x);
    case Activation::xielu:
      return xielu(function, x);
  }
  return std::nan("");  // not reached: the switch is complete
}

}  // namespace assay::reference
