// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/activation.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/ops/activation.cpp"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <cmath>

#include "optimized/ops/activations_inl.hpp"
#include "optimized/ops/vectors_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::optimized::HWY_NAMESPACE {

bool is_silu(const ActivationFunction& act) { return act.kind == Activation::silu || act.kind == Activation::swish; }

/// Rounds to float. Highway's plain C++ makes the largest float of what is beyond it; that is infinity.
template <class D, class V>
HWY_INLINE void store_rounded(D d, V value, float* out) {
#if HWY_TARGET == HWY_SCALAR
  static_cast<void>(d);
  *out = static_cast<float>(hn::GetLane(value));
#else
  const hn::Rebind<float, D> narrow;
  hn::StoreU(hn::DemoteTo(narrow, value), narrow, out);
#endif
}

/// One run of function(gate) * up. Every published model has silu, which has float lanes; the others go through double,
/// so that neither their sums near 0 nor the steps between rounding are worse than torch's: one rounding in all.
template <class Function>
HWY_INLINE void multiply_run(const Function& function, const float* gate, const float* up, float* out,
                             std::size_t count) {
  for_each_vector(hn::ScalableTag<double>(), 0, count, [&](auto d, std::size_t i) {
    const hn::Rebind<float, decltype(d)> narrow;
    const auto x = hn::PromoteTo(d, hn::LoadU(narrow, gate + i));
    const auto y = hn::IfThenElse(hn::IsNaN(x), x, function(d, x));
    const auto product = hn::Mul(y, hn::PromoteTo(d, hn::LoadU(narrow, up + i)));
    store_rounded(d, product, out + i);
  });
}

template <class Function>
HWY_INLINE void activate_run(const Function& function, float* values, std::size_t count) {
  for_each_vector(hn::ScalableTag<double>(), 0, count, [&](auto d, std::size_t i) {
    const hn::Rebind<float, decltype(d)> narrow;
    const auto x = hn::PromoteTo(d, hn::LoadU(narrow, values + i));
    store_rounded(d, hn::IfThenElse(hn::IsNaN(x), x, function(d, x)), values + i);
  });
}

void activate(const ActivationFunction& act, float* values, std::size_t count) {
  if (is_silu(act)) {
    for_each_vector(hn::ScalableTag<float>(), 0, count,
                    [&](auto d, std::size_t i) { hn::StoreU(silu(d, hn::LoadU(d, values + i)), d, values + i); });
    return;
  }
  visit_activation(act, [&](const auto& function) { activate_run(function, values, count); });
}

void activate_and_multiply(const ActivationFunction& act, Rows<const float> gate, Rows<const float> up,
                           Rows<float> out) {
  if (is_silu(act)) {
    for (std::size_t row = 0; row < out.count; ++row) {
      const float* const from = gate[row];
      const float* const factor = up[row];
      float* const to = out[row];
      for_each_vector(hn::ScalableTag<float>(), 0, out.width, [&](auto d, std::size_t i) {
        hn::StoreU(hn::Mul(silu(d, hn::LoadU(d, from + i)), hn::LoadU(d, factor + i)), d, to + i);
      });
    }
    return;
  }
  visit_activation(act, [&](const auto& function) {
    for (std::size_t row = 0; row < out.count; ++row) multiply_run(function, gate[row], up[row], out[row], out.width);
  });
}

}  // namespace assay::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::optimized {

HWY_EXPORT(activate);
HWY_EXPORT(activate_and_multiply);

double softplus(double x) { return x > 20.0 ? x : std::log1p(std::exp(x)); }

void activate(const ActivationFunction& act, float* values, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(activate)(act, values, count);
}

void activate_and_multiply(const ActivationFunction& act, Rows<const float> gate, Rows<const float> up,
                           Rows<float> out) {
  HWY_DYNAMIC_DISPATCH(activate_and_multiply)(act, gate, up, out);
}

}  // namespace assay::optimized
#endif  // HWY_ONCE
