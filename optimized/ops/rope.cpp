// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/rope.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/ops/rope.cpp"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "optimized/ops/grain.hpp"
#include "optimized/ops/vectors_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::optimized::HWY_NAMESPACE {

/// Angles from here on are left to the C library: no published model has them, but a config may ask for frequencies
/// above 1 or positions above a million.
constexpr float largest_reduced = 1 << 20;

/// Cosine and sine in double: the angle less the nearest multiple of pi/2, whose three parts have 33 bits each so that
/// their products with quotients below 2^20 are exact (Cody and Waite; the parts are fdlibm's), then the Taylor series
/// on [-pi/4, pi/4], whose first term left out is below 2e-14.
template <class D, class V>
HWY_INLINE void cos_and_sin(D d, V angle, V& cos, V& sin) {
  const V quotient = hn::Round(hn::Mul(angle, hn::Set(d, 6.36619772367581382433e-01)));
  V x = hn::NegMulAdd(quotient, hn::Set(d, 1.57079632673412561417e+00), angle);
  x = hn::NegMulAdd(quotient, hn::Set(d, 6.07710050630396597660e-11), x);
  x = hn::NegMulAdd(quotient, hn::Set(d, 2.02226624879595063154e-21), x);
  const V y = hn::Mul(x, x);

  V c = hn::Set(d, 1.0 / 479001600.0);  // 12!
  c = hn::MulAdd(c, y, hn::Set(d, -1.0 / 3628800.0));
  c = hn::MulAdd(c, y, hn::Set(d, 1.0 / 40320.0));
  c = hn::MulAdd(c, y, hn::Set(d, -1.0 / 720.0));
  c = hn::MulAdd(c, y, hn::Set(d, 1.0 / 24.0));
  c = hn::MulAdd(c, y, hn::Set(d, -0.5));
  c = hn::MulAdd(c, y, hn::Set(d, 1.0));

  V s = hn::Set(d, 1.0 / 6227020800.0);  // 13!
  s = hn::MulAdd(s, y, hn::Set(d, -1.0 / 39916800.0));
  s = hn::MulAdd(s, y, hn::Set(d, 1.0 / 362880.0));
  s = hn::MulAdd(s, y, hn::Set(d, -1.0 / 5040.0));
  s = hn::MulAdd(s, y, hn::Set(d, 1.0 / 120.0));
  s = hn::MulAdd(s, y, hn::Set(d, -1.0 / 6.0));
  s = hn::MulAdd(hn::Mul(s, y), x, x);

  // The quadrant, 0 to 3: cos c, -s, -c, s and sin s, c, -s, -c.
  const V turns = hn::Floor(hn::Mul(quotient, hn::Set(d, 0.25)));
  const V quadrant = hn::NegMulAdd(turns, hn::Set(d, 4.0), quotient);
  const auto second = hn::Eq(quadrant, hn::Set(d, 1.0));
  const auto third = hn::Eq(quadrant, hn::Set(d, 2.0));
  const auto fourth = hn::Eq(quadrant, hn::Set(d, 3.0));
  const auto odd = hn::Or(second, fourth);
  const V cos_size = hn::IfThenElse(odd, s, c);
  const V sin_size = hn::IfThenElse(odd, c, s);
  cos = hn::IfThenElse(hn::Or(second, third), hn::Neg(cos_size), cos_size);
  sin = hn::IfThenElse(hn::Or(third, fourth), hn::Neg(sin_size), sin_size);
}

void far_row(float position, const float* inv_freq, double attention_factor, std::size_t half, float* cosines,
             float* sines) {
  for (std::size_t i = 0; i < half; ++i) {
    const float angle = position * inv_freq[i];
    cosines[i] = static_cast<float>(std::cos(static_cast<double>(angle)) * attention_factor);
    sines[i] = static_cast<float>(std::sin(static_cast<double>(angle)) * attention_factor);
    cosines[half + i] = cosines[i];
    sines[half + i] = sines[i];
  }
}

void rope_table_rows(const std::int64_t* positions, const float* inv_freq, double attention_factor, Rows<float> cos,
                     Rows<float> sin) {
  const std::size_t half = cos.width / 2;
  float fastest = 0;
  for (std::size_t i = 0; i < half; ++i) fastest = std::max(fastest, std::abs(inv_freq[i]));
  for (std::size_t row = 0; row < cos.count; ++row) {
    const auto position = static_cast<float>(positions[row]);
    float* cosines = cos[row];
    float* sines = sin[row];
    if (!(std::abs(position) * fastest < largest_reduced)) {
      far_row(position, inv_freq, attention_factor, half, cosines, sines);
      continue;
    }
    for_each_vector(hn::ScalableTag<double>(), 0, half, [&](auto d, std::size_t i) {
      const hn::Rebind<float, decltype(d)> narrow;
      const auto angle = hn::Mul(hn::Set(narrow, position), hn::LoadU(narrow, inv_freq + i));
      auto c = hn::Zero(d);
      auto s = hn::Zero(d);
      cos_and_sin(d, hn::PromoteTo(d, angle), c, s);
      const auto factor = hn::Set(d, attention_factor);
      const auto cosine = hn::DemoteTo(narrow, hn::Mul(c, factor));
      const auto sine = hn::DemoteTo(narrow, hn::Mul(s, factor));
      hn::StoreU(cosine, narrow, cosines + i);
      hn::StoreU(cosine, narrow, cosines + half + i);
      hn::StoreU(sine, narrow, sines + i);
      hn::StoreU(sine, narrow, sines + half + i);
    });
  }
}

/// Both halves of the table are read: they may differ where a harness has replaced it.
void rotate(float* head, const float* cos, const float* sin, std::size_t half) {
  for_each_vector(hn::ScalableTag<float>(), 0, half, [&](auto d, std::size_t i) {
    const auto first = hn::LoadU(d, head + i);
    const auto second = hn::LoadU(d, head + half + i);
    const auto turned_first = hn::Mul(first, hn::LoadU(d, sin + half + i));
    const auto turned_second = hn::Mul(second, hn::LoadU(d, sin + i));
    hn::StoreU(hn::MulSub(first, hn::LoadU(d, cos + i), turned_second), d, head + i);
    hn::StoreU(hn::MulAdd(second, hn::LoadU(d, cos + half + i), turned_first), d, head + half + i);
  });
}

void apply_rope_rows(Rows<float> heads, std::size_t head_dim, Rows<const float> cos, Rows<const float> sin,
                     std::size_t length, Range tokens) {
  const bool row_per_token = cos.count == heads.count;
  for (std::size_t token = tokens.first; token < tokens.last; ++token) {
    const std::size_t row = row_per_token ? token : token % length;
    for (std::size_t column = 0; column < heads.width; column += head_dim) {
      rotate(heads[token] + column, cos[row], sin[row], head_dim / 2);
    }
  }
}

}  // namespace assay::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::optimized {

HWY_EXPORT(rope_table_rows);
HWY_EXPORT(apply_rope_rows);

void rope_table(std::span<const std::int64_t> positions, std::span<const float> inv_freq, double attention_factor,
                Rows<float> cos, Rows<float> sin, const Threads& threads) {
  assert(cos.width == 2 * inv_freq.size() && "both halves of a row");
  threads.split(positions.size(), rows_worth_threads(16 * cos.width), [&](Range rows) {
    HWY_DYNAMIC_DISPATCH(rope_table_rows)
    (positions.data() + rows.first, inv_freq.data(), attention_factor, cos.part(rows.first, rows.count()),
     sin.part(rows.first, rows.count()));
  });
}

void apply_rope(Rows<float> heads, std::size_t head_dim, Rows<const float> cos, Rows<const float> sin,
                std::size_t length, const Threads& threads) {
  assert(heads.width % head_dim == 0 && "whole heads");
  threads.split(heads.count, rows_worth_threads(2 * heads.width), [&](Range tokens) {
    HWY_DYNAMIC_DISPATCH(apply_rope_rows)(heads, head_dim, cos, sin, length, tokens);
  });
}

}  // namespace assay::optimized
#endif  // HWY_ONCE
