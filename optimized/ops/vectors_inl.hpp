// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the vectorised operations share, for the inside of their HWY_NAMESPACE: loops over any number of elements, and
// functions of vectors. Compiled once for each instruction set, hence Highway's include guard and no #pragma once.
#if defined(ASSAY_OPTIMIZED_OPS_VECTORS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_OPTIMIZED_OPS_VECTORS_INL_HPP
#undef ASSAY_OPTIMIZED_OPS_VECTORS_INL_HPP
#else
#define ASSAY_OPTIMIZED_OPS_VECTORS_INL_HPP
#endif

#include <hwy/highway.h>

#include <cstddef>

#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace assay::optimized::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// body(tag, i) for vectors that cover elements first to count - 1: whole ones, then for the rest ones of half the
/// lanes, a quarter, down to one. Each element is computed by the same instructions wherever it stands.
template <class D, class Body>
HWY_INLINE void for_each_vector(D d, std::size_t first, std::size_t count, const Body& body) {
  std::size_t i = first;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) body(d, i);
  if constexpr (hn::MaxLanes(D()) > 1) {
    if (i < count) for_each_vector(hn::Half<D>(), i, count, body);
  }
}

/// x / (1 + exp(-x)), within 2 units in the last place where exp(-x) is finite, else -0. NaN stays NaN.
template <class D, class V>
HWY_INLINE V silu(D d, V x) {
  // Beyond 104 Highway's exponential is not defined; at 104 it is infinity already.
  const V exponential = hn::Exp(d, hn::Min(hn::Neg(x), hn::Set(d, 104.0F)));
  return hn::Div(x, hn::Add(hn::Set(d, 1.0F), exponential));
}

}  // namespace assay::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // ASSAY_OPTIMIZED_OPS_VECTORS_INL_HPP
