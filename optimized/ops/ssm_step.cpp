// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/ssm_step.hpp"

#include <cmath>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/ops/ssm_step.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::optimized::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::ScalableTag<float>;

struct HeadStep {
  const float* b;    // [N]
  const float* c;    // [N]
  std::size_t size;  // N
  float kept;        // exp(dt * A)
  float dt;
  float d_skip;  // D
};

/// `Channels` rows of the state at once: their sums are independent, and they share what is read of B and C.
template <std::size_t Channels>
HWY_INLINE void step_channels(const HeadStep& step, const float* HWY_RESTRICT x, float* HWY_RESTRICT state,
                              float* HWY_RESTRICT y) {
  const Lanes d;
  const auto kept = hn::Set(d, step.kept);
  float added[Channels];
  hn::Vec<Lanes> sums[Channels];
  for (std::size_t p = 0; p < Channels; ++p) {
    added[p] = step.dt * x[p];
    sums[p] = hn::Zero(d);
  }
  std::size_t n = 0;
  for (; n + hn::Lanes(d) <= step.size; n += hn::Lanes(d)) {
    const auto b = hn::LoadU(d, step.b + n);
    const auto c = hn::LoadU(d, step.c + n);
    for (std::size_t p = 0; p < Channels; ++p) {
      float* row = state + p * step.size + n;
      const auto next = hn::MulAdd(kept, hn::LoadU(d, row), hn::Mul(hn::Set(d, added[p]), b));
      hn::StoreU(next, d, row);
      sums[p] = hn::MulAdd(next, c, sums[p]);
    }
  }
  for (std::size_t p = 0; p < Channels; ++p) {
    float sum = hn::GetLane(hn::SumOfLanes(d, sums[p]));
    float* row = state + p * step.size;
    for (std::size_t rest = n; rest < step.size; ++rest) {
      row[rest] = step.kept * row[rest] + added[p] * step.b[rest];
      sum += row[rest] * step.c[rest];
    }
    y[p] = sum + step.d_skip * x[p];
  }
}

void step_head(const HeadStep& step, std::size_t head_dim, const float* x, float* state, float* y) {
  constexpr std::size_t channels = 4;
  std::size_t p = 0;
  for (; p + channels <= head_dim; p += channels) step_channels<channels>(step, x + p, state + p * step.size, y + p);
  for (; p < head_dim; ++p) step_channels<1>(step, x + p, state + p * step.size, y + p);
}

void step_heads(Rows<const float> x, Rows<const float> b, Rows<const float> c, Rows<const float> dt,
                std::span<const float> decay, std::span<const float> d_skip, const SsmExtents& extents, float* state,
                Rows<float> y, Range range) {
  const std::size_t heads_per_group = extents.heads / extents.groups;
  for (std::size_t i = range.first; i < range.last; ++i) {
    const std::size_t row = i / extents.heads;
    const std::size_t head = i % extents.heads;
    const std::size_t first = head / heads_per_group * extents.state;
    const std::size_t channel = head * extents.head_dim;
    const double log = static_cast<double>(dt[row][head]) * static_cast<double>(decay[head]);
    const auto kept = static_cast<float>(std::exp(log));
    step_head({b[row] + first, c[row] + first, extents.state, kept, dt[row][head], d_skip[head]}, extents.head_dim,
              x[row] + channel, state + i * extents.head_dim * extents.state, y[row] + channel);
  }
}

}  // namespace assay::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::optimized {

HWY_EXPORT(step_heads);

void ssm_step(Rows<const float> x, Rows<const float> b, Rows<const float> c, Rows<const float> dt,
              std::span<const float> decay, std::span<const float> d_skip, const SsmExtents& extents, float* state,
              Rows<float> y, const Threads& threads) {
  // A head of 32 channels and 128 states takes about half a microsecond.
  constexpr std::size_t worthwhile = 8;
  threads.split(x.count * extents.heads, worthwhile, [&](Range range) {
    HWY_DYNAMIC_DISPATCH(step_heads)(x, b, c, dt, decay, d_skip, extents, state, y, range);
  });
}

}  // namespace assay::optimized
#endif
