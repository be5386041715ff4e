// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The exponential function where it is never above 1, for softmax. Compiled once for every kind of processor, so
// included after <hwy/foreach_target.h> only.
#if defined(ASSAY_OPTIMIZED_OPS_EXP_OF_DIFFERENCE_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_OPTIMIZED_OPS_EXP_OF_DIFFERENCE_INL_HPP
#undef ASSAY_OPTIMIZED_OPS_EXP_OF_DIFFERENCE_INL_HPP
#else
#define ASSAY_OPTIMIZED_OPS_EXP_OF_DIFFERENCE_INL_HPP
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::optimized {
namespace HWY_NAMESPACE {

/// exp(difference) for a difference up to about 0: 0 where it is below the smallest normal number, NaN where it is. The
/// polynomial and the split of ln 2 are those of hwy/contrib/math, whose Exp turns NaN into 0.
template <class D, class V>
HWY_INLINE V ExpOfDifference(D d, V difference) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::RebindToSigned<D> integers;
  const auto power = hn::NearestInt(hn::Mul(difference, hn::Set(d, 1.44269504088896340736F)));
  const V whole = hn::ConvertTo(d, power);
  V r = hn::MulAdd(whole, hn::Set(d, -0.693145751953125F), difference);
  r = hn::MulAdd(whole, hn::Set(d, -1.428606765330187045e-6F), r);
  // Estrin's scheme: r + r² (c0 + c1 r + c2 r² + c3 r³ + c4 r⁴ + c5 r⁵)
  const V r2 = hn::Mul(r, r);
  const V c01 = hn::MulAdd(r, hn::Set(d, 0.166666671633720397949219F), hn::Set(d, 0.5F));
  const V c23 = hn::MulAdd(r, hn::Set(d, 0.00833336077630519866943359F), hn::Set(d, 0.0416664853692054748535156F));
  const V c45 = hn::MulAdd(r, hn::Set(d, 0.000198527617612853646278381F), hn::Set(d, 0.00139304355252534151077271F));
  const V polynomial = hn::MulAdd(r2, hn::MulAdd(r2, c45, c23), c01);
  const V exp_r = hn::Add(hn::MulAdd(polynomial, r2, r), hn::Set(d, 1.0F));
  const V exp_whole = hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(power, hn::Set(integers, 127))));
  // Below this difference the power of two leaves the normal numbers. A comparison with NaN is false: it stays.
  return hn::IfThenZeroElse(hn::Lt(difference, hn::Set(d, -87.0F)), hn::Mul(exp_r, exp_whole));
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::optimized
HWY_AFTER_NAMESPACE();

#endif
