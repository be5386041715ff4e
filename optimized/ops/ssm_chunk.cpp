// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/ssm_chunk.hpp"

#include <algorithm>
#include <cstddef>

#include "optimized/blis/microkernel.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/ops/ssm_chunk.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/cache_control.h>
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::optimized::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::ScalableTag<float>;
using Vector = hn::Vec<Lanes>;

/// The slices of a thread's scratch.
struct Buffers {
  double* cum;    // [Q]: sums of dt * A; past the chunk's last token they stay
  float* dt;      // [Q]
  float* into;    // [Q]: exp(cum_t), what is left at t of the state before the chunk
  float* out;     // [Q]: exp(cum_end - cum_s) dt_s, what is left of x_s at the end
  float* reach;   // [Q]: exp(cum_first - cum_s) dt_s, what is left of x_s at the first token of a panel
  float* mix;     // [Q / narrow][Q][narrow]
  float* x;       // [P / wide][Q][wide]
  float* x_out;   // [P / wide][Q][wide]
  float* before;  // [narrow, wide]: C_t S
  float* within;  // [narrow, wide]
};

/// exp of what is not positive; what lies above is not used and must not overflow. Below -87 the result would be
/// subnormal, which is slow and tells nothing.
HWY_INLINE Vector decayed(Vector log) {
  const Lanes d;
  const Vector capped = hn::Min(log, hn::Zero(d));
  return hn::IfThenElseZero(hn::Gt(capped, hn::Set(d, -87.0F)), hn::Exp(d, capped));
}

/// from - cum[0], from - cum[1], ...: sums grow to thousands while their differences matter to 1e-7, so they are kept
/// in double and rounded here.
HWY_INLINE Vector less_sums(double from, const double* HWY_RESTRICT cum) {
  const Lanes d;
#if HWY_TARGET == HWY_SCALAR  // has no halves
  return hn::Set(d, static_cast<float>(from - *cum));
#else
  const hn::Half<Lanes> half;
  const hn::Rebind<double, decltype(half)> wide;
  const auto start = hn::Set(wide, from);
  const auto low = hn::DemoteTo(half, hn::Sub(start, hn::LoadU(wide, cum)));
  const auto high = hn::DemoteTo(half, hn::Sub(start, hn::LoadU(wide, cum + hn::Lanes(wide))));
  return hn::Combine(d, high, low);
#endif
}

HWY_INLINE void sum_up(const SsmHeadChunk& head, const Buffers& buffers) {
  const Lanes d;
  const std::size_t tokens = head.x.count;
  double sum = 0.0;
  for (std::size_t t = 0; t < tokens; ++t) {
    buffers.dt[t] = *head.dt[t];
    sum += static_cast<double>(buffers.dt[t]) * static_cast<double>(head.decay);
    buffers.cum[t] = sum;
  }
  for (std::size_t t = tokens; t < SsmPanels::tokens + SsmPanels::slack; ++t) {
    buffers.dt[t] = 0.0F;
    buffers.cum[t] = sum;
  }
  for (std::size_t t = 0; t < tokens; t += hn::Lanes(d)) {
    hn::StoreU(decayed(hn::Neg(less_sums(0.0, buffers.cum + t))), d, buffers.into + t);
    hn::StoreU(hn::Mul(decayed(less_sums(sum, buffers.cum + t)), hn::LoadU(d, buffers.dt + t)), d, buffers.out + t);
  }
}

/// Rows of a head are far apart, so that the processor does not foresee them: with this a scan takes 15 % less time.
template <class T>
HWY_INLINE void fetch_row(Rows<T> rows, std::size_t row) {
  constexpr std::size_t line_floats = 16;
  for (std::size_t i = 0; i < rows.width; i += line_floats) hwy::Prefetch(rows[row] + i);
}

/// Panels of x as it is and as it arrives at the end of the chunk; padding zero.
HWY_INLINE void pack_x(const SsmPanels& panels, const SsmHeadChunk& head, const Buffers& buffers) {
  const Lanes d;
  for (std::size_t panel = 0; panel < panels.head_panels; ++panel) {
    const std::size_t first = panel * panels.wide;
    const std::size_t valid = std::min(panels.wide, panels.head_dim - first);
    float* HWY_RESTRICT plain = buffers.x + panel * SsmPanels::tokens * panels.wide;
    float* HWY_RESTRICT scaled = buffers.x_out + panel * SsmPanels::tokens * panels.wide;
    for (std::size_t s = 0; s < head.x.count; ++s, plain += panels.wide, scaled += panels.wide) {
      const float* HWY_RESTRICT x = head.x[s] + first;
      const float factor = buffers.out[s];
      std::size_t p = 0;
      for (; p + hn::Lanes(d) <= valid; p += hn::Lanes(d)) {
        const Vector values = hn::LoadU(d, x + p);
        hn::StoreU(values, d, plain + p);
        hn::StoreU(hn::Mul(values, hn::Set(d, factor)), d, scaled + p);
      }
      for (; p < valid; ++p) {
        plain[p] = x[p];
        scaled[p] = x[p] * factor;
      }
      for (; p < panels.wide; ++p) plain[p] = scaled[p] = 0.0F;
    }
  }
}

/// The panel of tokens first to first + narrow - 1 of the matrix that takes x to y: entry (s, t) is
/// (C_t . B_s) exp(cum_t - cum_s) dt_s, plus D where s = t. Rows of `narrow` are written as whole vectors whose
/// excess is overwritten by what is written after them: the next row and, of every row, the vectors before the last
/// (10 % less time than row by row with the panel's factors in memory; SsmScan.AgreesOnEveryVectorWidth).
HWY_INLINE void mix_panel(const SsmPanels& panels, const SsmHeadChunk& head, const Buffers& buffers, std::size_t first,
                          const float* HWY_RESTRICT cb, float* HWY_RESTRICT mix) {
  const Lanes d;
  const std::size_t narrow = panels.narrow;
  const std::size_t lanes = hn::Lanes(d);
  const double start = buffers.cum[first];
  // The exponentials of a panel split at its first token: exp(cum_t - cum_first) * exp(cum_first - cum_s), neither
  // above 1; so there is one for each s and each t, not for each pair.
  for (std::size_t s = 0; s < first; s += lanes) {
    const Vector left = decayed(less_sums(start, buffers.cum + s));
    hn::StoreU(hn::Mul(left, hn::LoadU(d, buffers.dt + s)), d, buffers.reach + s);
  }
  const std::size_t last = std::min(head.x.count, first + narrow);
  for (std::size_t block = (narrow + lanes - 1) / lanes; block-- > 0;) {
    const std::size_t i = block * lanes;
    const Vector fade = decayed(hn::Neg(less_sums(start, buffers.cum + first + i)));
    for (std::size_t s = 0; s < first; ++s) {
      const Vector factor = hn::Mul(fade, hn::Set(d, buffers.reach[s]));
      hn::StoreU(hn::Mul(hn::LoadU(d, cb + s * narrow + i), factor), d, mix + s * narrow + i);
    }
    const Vector token = hn::Iota(d, static_cast<float>(first + i));
    for (std::size_t s = first; s < last; ++s) {
      const Vector self = hn::Set(d, static_cast<float>(s));
      const Vector left = decayed(hn::Neg(less_sums(buffers.cum[s], buffers.cum + first + i)));
      const Vector factor = hn::Mul(left, hn::Set(d, buffers.dt[s]));
      const Vector skip = hn::IfThenElseZero(hn::Eq(token, self), hn::Set(d, head.d_skip));
      const Vector entry = hn::MulAdd(hn::LoadU(d, cb + s * narrow + i), factor, skip);
      hn::StoreU(hn::IfThenElseZero(hn::Ge(token, self), entry), d, mix + s * narrow + i);
    }
  }
}

/// y_t = exp(cum_t) * before_t + within_t
HWY_INLINE void join(const SsmPanels& panels, const SsmHeadChunk& head, const Buffers& buffers, std::size_t first_token,
                     std::size_t first_channel) {
  const Lanes d;
  const std::size_t tokens = std::min(panels.narrow, head.x.count - first_token);
  const std::size_t valid = std::min(panels.wide, panels.head_dim - first_channel);
  for (std::size_t t = 0; t < tokens; ++t) {
    const float* HWY_RESTRICT before = buffers.before + t * panels.wide;
    const float* HWY_RESTRICT within = buffers.within + t * panels.wide;
    float* HWY_RESTRICT y = head.y[first_token + t] + first_channel;
    const float into = buffers.into[first_token + t];
    std::size_t p = 0;
    for (; p + hn::Lanes(d) <= valid; p += hn::Lanes(d)) {
      hn::StoreU(hn::MulAdd(hn::Set(d, into), hn::LoadU(d, before + p), hn::LoadU(d, within + p)), d, y + p);
    }
    for (; p < valid; ++p) y[p] = into * before[p] + within[p];
  }
}

void chunk(const SsmPanels& panels, const SsmGroupChunk& group, const SsmHeadChunk& head, const Buffers& buffers) {
  const blis::Microkernel& multiply = blis::microkernel();
  const std::size_t tokens = head.x.count;
  const std::size_t panel_floats = SsmPanels::tokens * panels.narrow;
  sum_up(head, buffers);
  pack_x(panels, head, buffers);
  for (std::size_t t = 0; t < tokens; ++t) fetch_row(head.y, t);
  for (std::size_t first = 0; first < tokens; first += panels.narrow) {
    const std::size_t offset = first / panels.narrow * panel_floats;
    mix_panel(panels, head, buffers, first, group.cb + offset, buffers.mix + offset);
  }
  const float kept = buffers.into[tokens - 1];
  for (std::size_t panel = 0; panel < panels.head_panels; ++panel) {
    float* state = head.state + panel * panels.state_rows() * panels.wide;
    const float* x = buffers.x + panel * SsmPanels::tokens * panels.wide;
    const float* x_out = buffers.x_out + panel * SsmPanels::tokens * panels.wide;
    for (std::size_t i = 0; i * panels.narrow < tokens; ++i) {
      const std::size_t reached = std::min(tokens, (i + 1) * panels.narrow);
      multiply(panels.state, group.c + i * panels.state * panels.narrow, state, 0.0F, buffers.before, panels.wide);
      multiply(reached, buffers.mix + i * panel_floats, x, 0.0F, buffers.within, panels.wide);
      join(panels, head, buffers, i * panels.narrow, panel * panels.wide);
    }
    for (std::size_t n = 0; n < panels.state_panels; ++n) {
      if (panel + 1 == panels.head_panels) {
        for (std::size_t t = n * panels.narrow; t < std::min(head.next_x.count, (n + 1) * panels.narrow); ++t) {
          fetch_row(head.next_x, t);
        }
      }
      multiply(tokens, group.b + n * panel_floats, x_out, kept, state + n * panels.narrow * panels.wide, panels.wide);
    }
  }
}

void ssm_chunk(const SsmPanels& panels, const SsmGroupChunk& group, const SsmHeadChunk& head, float* scratch) {
  constexpr std::size_t line = SsmPanels::tokens + SsmPanels::slack;
  const std::size_t wide_floats = panels.head_panels * SsmPanels::tokens * panels.wide;
  Buffers buffers{};
  const auto take = [&scratch](std::size_t floats) {
    float* start = scratch;
    scratch += floats;
    return start;
  };
  buffers.cum = reinterpret_cast<double*>(take(2 * line));
  buffers.dt = take(line);
  buffers.into = take(line);
  buffers.out = take(line);
  buffers.reach = take(line);
  buffers.x = take(wide_floats);
  buffers.x_out = take(wide_floats);
  buffers.before = take(panels.narrow * panels.wide);
  buffers.within = take(panels.narrow * panels.wide);
  buffers.mix = take(0);
  chunk(panels, group, head, buffers);
}

}  // namespace assay::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::optimized {

HWY_EXPORT(ssm_chunk);

SsmPanels::SsmPanels(std::size_t head_dim_, std::size_t state_)
    : narrow(blis::microkernel().narrow()),
      wide(blis::microkernel().wide()),
      head_dim(head_dim_),
      state(state_),
      token_panels((tokens + narrow - 1) / narrow),
      state_panels((state + narrow - 1) / narrow),
      head_panels((head_dim + wide - 1) / wide) {}

std::size_t SsmPanels::scratch_floats() const {
  return 6 * (tokens + slack) + 2 * head_panels * tokens * wide + 2 * narrow * wide + cb_floats();
}

void ssm_chunk(const SsmPanels& panels, const SsmGroupChunk& group, const SsmHeadChunk& head, float* scratch) {
  HWY_DYNAMIC_DISPATCH(ssm_chunk)(panels, group, head, scratch);
}

}  // namespace assay::optimized
#endif
