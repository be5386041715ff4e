// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The activations but silu as functions of vectors of double, for the inside of HWY_NAMESPACE. Arguments are widened
// floats, so that squares and cubes of them are finite; what a function makes of NaN does not matter. Compiled once for
// each instruction set, hence Highway's include guard and no #pragma once.
#if defined(ASSAY_OPTIMIZED_OPS_ACTIVATIONS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_OPTIMIZED_OPS_ACTIVATIONS_INL_HPP
#undef ASSAY_OPTIMIZED_OPS_ACTIVATIONS_INL_HPP
#else
#define ASSAY_OPTIMIZED_OPS_ACTIVATIONS_INL_HPP
#endif

#include <hwy/highway.h>

#include <cmath>
#include <cstddef>

#include "model/config/activation.hpp"
#include "optimized/ops/vectors_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::optimized::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Between the limits.
template <class D, class V>
HWY_INLINE V clipped(D d, V x, double low, double high) {
  return hn::Min(hn::Max(x, hn::Set(d, low)), hn::Set(d, high));
}

template <class D, class V>
HWY_INLINE V sigmoid_of(D d, V x) {
  // Highway's exponential is defined up to 706; there the result is far below the smallest float.
  const V one = hn::Set(d, 1.0);
  return hn::Div(one, hn::Add(one, hn::Exp(d, hn::Neg(clipped(d, x, -700.0, 700.0)))));
}

/// log(1 + exp(x)), and x above 20.
template <class D, class V>
HWY_INLINE V softplus_of(D d, V x) {
  const V limit = hn::Set(d, 20.0);
  const V below = hn::Log1p(d, hn::Exp(d, clipped(d, x, -900.0, 20.0)));
  return hn::IfThenElse(hn::Gt(x, limit), x, below);
}

/// Highway has no error function: lane by lane.
template <class D, class V>
HWY_INLINE V erf_of(D d, V x) {
  HWY_ALIGN double lanes[hn::MaxLanes(D())];
  hn::Store(x, d, lanes);
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) lanes[i] = std::erf(lanes[i]);
  return hn::Load(d, lanes);
}

/// x / 2 * (1 + y)
template <class D, class V>
HWY_INLINE V half_of_one_plus(D d, V x, V y) {
  return hn::Mul(hn::Mul(x, hn::Set(d, 0.5)), hn::Add(hn::Set(d, 1.0), y));
}

struct Gelu {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return half_of_one_plus(d, x, erf_of(d, hn::Mul(x, hn::Set(d, 0.70710678118654752440))));
  }
};

struct Gelu10 {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return clipped(d, Gelu()(d, x), -10.0, 10.0);
  }
};

/// sqrt(2 / pi) in full, or with the ten digits of FastGELUActivation.
struct GeluTanh {
  double scale = 0.79788456080286535588;

  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    const V cubic = hn::MulAdd(hn::Mul(hn::Set(d, 0.044715), hn::Mul(x, x)), x, x);
    return half_of_one_plus(d, x, hn::Tanh(d, hn::Mul(hn::Set(d, scale), cubic)));
  }
};

struct Hardswish {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return hn::Div(hn::Mul(x, clipped(d, hn::Add(x, hn::Set(d, 3.0)), 0.0, 6.0)), hn::Set(d, 6.0));
  }
};

struct Laplace {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    const V z = hn::Div(hn::Sub(x, hn::Set(d, 0.707107)), hn::Set(d, 0.282095 * 1.41421356237309504880));
    return half_of_one_plus(d, hn::Set(d, 1.0), erf_of(d, z));
  }
};

struct Leaky {
  double slope;

  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x, hn::Mul(hn::Set(d, slope), x));
  }
};

struct Linear {
  template <class D, class V>
  HWY_INLINE V operator()(D /*d*/, V x) const {
    return x;
  }
};

struct Mish {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return hn::Mul(x, hn::Tanh(d, softplus_of(d, x)));
  }
};

struct QuickGelu {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return hn::Mul(x, sigmoid_of(d, hn::Mul(hn::Set(d, 1.702), x)));
  }
};

struct Relu {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return hn::Max(x, hn::Zero(d));
  }
};

struct Relu2 {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return hn::Mul(Relu()(d, x), Relu()(d, x));
  }
};

struct Relu6 {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return clipped(d, x, 0.0, 6.0);
  }
};

struct Sigmoid {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return sigmoid_of(d, x);
  }
};

struct SqrtSoftplus {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return hn::Sqrt(softplus_of(d, x));
  }
};

struct Tanh {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return hn::Tanh(d, x);
  }
};

struct Xielu {
  const ActivationFunction& learned;

  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    const V linear = hn::Mul(hn::Set(d, learned.beta), x);
    const V above = hn::MulAdd(hn::Mul(hn::Set(d, learned.alpha_p), x), x, linear);
    const V drop = hn::Sub(hn::Expm1(d, hn::Min(x, hn::Set(d, learned.eps))), x);
    const V below = hn::MulAdd(drop, hn::Set(d, learned.alpha_n), linear);
    return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), above, below);
  }
};

/// visit(one of the functions above). Those that transformers has under several names are one here; never silu.
template <class Visit>
HWY_INLINE void visit_activation(const ActivationFunction& act, const Visit& visit) {
  switch (act.kind) {
    case Activation::gelu:
    case Activation::gelu_python:
      return visit(Gelu());
    case Activation::gelu_10:
      return visit(Gelu10());
    case Activation::gelu_fast:
      return visit(GeluTanh{.scale = 0.7978845608});
    case Activation::gelu_accurate:
    case Activation::gelu_new:
    case Activation::gelu_python_tanh:
    case Activation::gelu_pytorch_tanh:
      return visit(GeluTanh());
    case Activation::hardswish:
      return visit(Hardswish());
    case Activation::laplace:
      return visit(Laplace());
    case Activation::leaky_relu:
      return visit(Leaky{0.01});
    case Activation::linear:
      return visit(Linear());
    case Activation::mish:
      return visit(Mish());
    case Activation::prelu:
      return visit(Leaky{act.slope});
    case Activation::quick_gelu:
      return visit(QuickGelu());
    case Activation::relu:
      return visit(Relu());
    case Activation::relu2:
      return visit(Relu2());
    case Activation::relu6:
      return visit(Relu6());
    case Activation::sigmoid:
      return visit(Sigmoid());
    case Activation::sqrtsoftplus:
      return visit(SqrtSoftplus());
    case Activation::tanh:
      return visit(Tanh());
    case Activation::xielu:
      return visit(Xielu{act});
    case Activation::silu:
    case Activation::swish:
      return;
  }
}

}  // namespace assay::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_OPTIMIZED_OPS_ACTIVATIONS_INL_HPP
