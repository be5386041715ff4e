// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/transpose4.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/ops/transpose4.cpp"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::optimized {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // has no vectors of four

std::size_t InterleaveSquares(const float* const*, std::size_t, float*, std::size_t) { return 0; }
std::size_t SeparateSquares(const float*, std::size_t, std::size_t, const float*, float* const*) { return 0; }

#else

using Four = hn::FixedTag<float, 4>;
using Vector = hn::Vec<Four>;

/// Rows a, b, c, d of a square become its columns.
HWY_INLINE void Transpose(Vector& a, Vector& b, Vector& c, Vector& d) {
  const Four four;
  const Vector ac_low = hn::InterleaveLower(four, a, c);  // a0 c0 a1 c1
  const Vector ac_high = hn::InterleaveUpper(four, a, c);
  const Vector bd_low = hn::InterleaveLower(four, b, d);
  const Vector bd_high = hn::InterleaveUpper(four, b, d);
  a = hn::InterleaveLower(four, ac_low, bd_low);
  b = hn::InterleaveUpper(four, ac_low, bd_low);
  c = hn::InterleaveLower(four, ac_high, bd_high);
  d = hn::InterleaveUpper(four, ac_high, bd_high);
}

/// Whole squares; returns the column they end at.
std::size_t InterleaveSquares(const float* const* rows, std::size_t length, float* panel, std::size_t stride) {
  const Four four;
  const std::size_t whole = length / 4 * 4;
  for (std::size_t i = 0; i < whole; i += 4) {
    Vector a = hn::LoadU(four, rows[0] + i);
    Vector b = hn::LoadU(four, rows[1] + i);
    Vector c = hn::LoadU(four, rows[2] + i);
    Vector d = hn::LoadU(four, rows[3] + i);
    Transpose(a, b, c, d);
    hn::StoreU(a, four, panel + i * stride);
    hn::StoreU(b, four, panel + (i + 1) * stride);
    hn::StoreU(c, four, panel + (i + 2) * stride);
    hn::StoreU(d, four, panel + (i + 3) * stride);
  }
  return whole;
}

std::size_t SeparateSquares(const float* panel, std::size_t stride, std::size_t length, const float* divisors,
                            float* const* rows) {
  const Four four;
  const Vector divisor = hn::LoadU(four, divisors);
  const std::size_t whole = length / 4 * 4;
  for (std::size_t i = 0; i < whole; i += 4) {
    Vector a = hn::Div(hn::LoadU(four, panel + i * stride), divisor);
    Vector b = hn::Div(hn::LoadU(four, panel + (i + 1) * stride), divisor);
    Vector c = hn::Div(hn::LoadU(four, panel + (i + 2) * stride), divisor);
    Vector d = hn::Div(hn::LoadU(four, panel + (i + 3) * stride), divisor);
    Transpose(a, b, c, d);
    hn::StoreU(a, four, rows[0] + i);
    hn::StoreU(b, four, rows[1] + i);
    hn::StoreU(c, four, rows[2] + i);
    hn::StoreU(d, four, rows[3] + i);
  }
  return whole;
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace assay::optimized
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::optimized {

HWY_EXPORT(InterleaveSquares);
HWY_EXPORT(SeparateSquares);

void interleave_four(const std::array<const float*, 4>& rows, std::size_t length, float* panel, std::size_t stride) {
  for (std::size_t i = HWY_DYNAMIC_DISPATCH(InterleaveSquares)(rows.data(), length, panel, stride); i < length; ++i) {
    for (std::size_t r = 0; r < 4; ++r) panel[i * stride + r] = rows[r][i];
  }
}

void separate_four_divided(const float* panel, std::size_t stride, std::size_t length, const float* divisors,
                           const std::array<float*, 4>& rows) {
  for (std::size_t i = HWY_DYNAMIC_DISPATCH(SeparateSquares)(panel, stride, length, divisors, rows.data()); i < length;
       ++i) {
    for (std::size_t r = 0; r < 4; ++r) rows[r][i] = panel[i * stride + r] / divisors[r];
  }
}

}  // namespace assay::optimized
#endif  // HWY_ONCE
