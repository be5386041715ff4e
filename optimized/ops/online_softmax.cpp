// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/online_softmax.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/ops/online_softmax.cpp"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include "optimized/ops/exp_of_difference_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::optimized {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// One vector of queries; their scores are `stride` elements apart.
template <class D>
bool ContinueVector(D d, float* scores, std::size_t keys, std::size_t stride, float scale_of_scores, float* maximum,
                    float* sum, float* rescale) {
  const auto scale = hn::Set(d, scale_of_scores);
  const auto before = hn::Load(d, maximum);
  // Four maxima and four sums: their chains overlap, and shorter sums round less.
  auto max0 = before;
  auto max1 = before;
  auto max2 = before;
  auto max3 = before;
  const std::size_t fours = keys / 4 * 4;
  for (std::size_t key = 0; key < fours; key += 4) {
    const float* row = scores + key * stride;
    max0 = hn::Max(max0, hn::Mul(hn::Load(d, row), scale));
    max1 = hn::Max(max1, hn::Mul(hn::Load(d, row + stride), scale));
    max2 = hn::Max(max2, hn::Mul(hn::Load(d, row + 2 * stride), scale));
    max3 = hn::Max(max3, hn::Mul(hn::Load(d, row + 3 * stride), scale));
  }
  for (std::size_t key = fours; key < keys; ++key) {
    max0 = hn::Max(max0, hn::Mul(hn::Load(d, scores + key * stride), scale));
  }
  const auto now = hn::Max(hn::Max(max0, max1), hn::Max(max2, max3));
  auto sum0 = hn::Zero(d);
  auto sum1 = hn::Zero(d);
  auto sum2 = hn::Zero(d);
  auto sum3 = hn::Zero(d);
  for (std::size_t key = 0; key < fours; key += 4) {
    float* row = scores + key * stride;
    const auto p0 = ExpOfDifference(d, hn::MulSub(hn::Load(d, row), scale, now));
    const auto p1 = ExpOfDifference(d, hn::MulSub(hn::Load(d, row + stride), scale, now));
    const auto p2 = ExpOfDifference(d, hn::MulSub(hn::Load(d, row + 2 * stride), scale, now));
    const auto p3 = ExpOfDifference(d, hn::MulSub(hn::Load(d, row + 3 * stride), scale, now));
    hn::Store(p0, d, row);
    hn::Store(p1, d, row + stride);
    hn::Store(p2, d, row + 2 * stride);
    hn::Store(p3, d, row + 3 * stride);
    sum0 = hn::Add(sum0, p0);
    sum1 = hn::Add(sum1, p1);
    sum2 = hn::Add(sum2, p2);
    sum3 = hn::Add(sum3, p3);
  }
  for (std::size_t key = fours; key < keys; ++key) {
    const auto p = ExpOfDifference(d, hn::MulSub(hn::Load(d, scores + key * stride), scale, now));
    hn::Store(p, d, scores + key * stride);
    sum0 = hn::Add(sum0, p);
  }
  const auto factor = ExpOfDifference(d, hn::Sub(before, now));
  const auto added = hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3));
  hn::Store(factor, d, rescale);
  hn::Store(hn::MulAdd(hn::Load(d, sum), factor, added), d, sum);
  hn::Store(now, d, maximum);
  return !hn::AllTrue(d, hn::Eq(factor, hn::Set(d, 1.0F)));
}

template <class D>
bool ContinueAll(D d, float* scores, std::size_t keys, std::size_t width, float scale, const RunningSoftmax& state,
                 float* rescale) {
  bool rescales = false;
  for (std::size_t c = 0; c < width; c += hn::Lanes(d)) {
    rescales |= ContinueVector(d, scores + c, keys, width, scale, state.maximum + c, state.sum + c, rescale + c);
  }
  return rescales;
}

bool ContinueSoftmax(float* scores, std::size_t keys, std::size_t width, float scale, const RunningSoftmax& state,
                     float* rescale) {
  const hn::ScalableTag<float> whole;
  if (width % hn::Lanes(whole) == 0) return ContinueAll(whole, scores, keys, width, scale, state, rescale);
  const hn::CappedTag<float, 4> four;  // a microkernel that is narrower than the vectors of this processor
  return ContinueAll(four, scores, keys, width, scale, state, rescale);
}

float Exponentials(float* scores, std::size_t keys, float* maximum) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = keys / lanes * lanes;
  const hn::CappedTag<float, 1> one;
  auto max = hn::Set(d, std::numeric_limits<float>::lowest());
  for (std::size_t key = 0; key < whole; key += lanes) max = hn::Max(max, hn::LoadU(d, scores + key));
  float greatest = hn::GetLane(hn::MaxOfLanes(d, max));
  for (std::size_t key = whole; key < keys; ++key) greatest = std::max(greatest, scores[key]);
  auto sums = hn::Zero(d);
  for (std::size_t key = 0; key < whole; key += lanes) {
    const auto p = ExpOfDifference(d, hn::Sub(hn::LoadU(d, scores + key), hn::Set(d, greatest)));
    hn::StoreU(p, d, scores + key);
    sums = hn::Add(sums, p);
  }
  float sum = hn::GetLane(hn::SumOfLanes(d, sums));
  for (std::size_t key = whole; key < keys; ++key) {
    scores[key] = hn::GetLane(ExpOfDifference(one, hn::Set(one, scores[key] - greatest)));
    sum += scores[key];
  }
  *maximum = greatest;
  return sum;
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::optimized
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::optimized {

HWY_EXPORT(ContinueSoftmax);
HWY_EXPORT(Exponentials);

void begin_softmax(const RunningSoftmax& state, std::size_t width) {
  std::fill_n(state.maximum, width, std::numeric_limits<float>::lowest());
  std::fill_n(state.sum, width, 0.0F);
}

bool continue_softmax(float* scores, std::size_t keys, std::size_t width, float scale, const RunningSoftmax& state,
                      float* rescale) {
  return HWY_DYNAMIC_DISPATCH(ContinueSoftmax)(scores, keys, width, scale, state, rescale);
}

float exponentials(float* scores, std::size_t keys, float& maximum) {
  return HWY_DYNAMIC_DISPATCH(Exponentials)(scores, keys, &maximum);
}

void scale_columns(float* rows, std::size_t count, std::size_t width, const float* factors) {
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t c = 0; c < width; ++c) rows[i * width + c] *= factors[c];
  }
}

}  // namespace assay::optimized
#endif  // HWY_ONCE
