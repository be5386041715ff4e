// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/activation.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/ops/activation.cpp"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include "optimized/ops/vectors_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::optimized::HWY_NAMESPACE {

void silu_and_multiply_run(const float* gate, const float* up, float* out, std::size_t count) {
  for_each_vector(hn::ScalableTag<float>(), 0, count, [&](auto d, std::size_t i) {
    hn::StoreU(hn::Mul(silu(d, hn::LoadU(d, gate + i)), hn::LoadU(d, up + i)), d, out + i);
  });
}

void silu_and_multiply_rows(Rows<const float> gate, Rows<const float> up, Rows<float> out) {
  for (std::size_t row = 0; row < out.count; ++row) silu_and_multiply_run(gate[row], up[row], out[row], out.width);
}

}  // namespace assay::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::optimized {

HWY_EXPORT(silu_and_multiply_run);
HWY_EXPORT(silu_and_multiply_rows);

void silu_and_multiply(const float* gate, const float* up, float* out, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(silu_and_multiply_run)(gate, up, out, count);
}

void silu_and_multiply(Rows<const float> gate, Rows<const float> up, Rows<float> out) {
  HWY_DYNAMIC_DISPATCH(silu_and_multiply_rows)(gate, up, out);
}

}  // namespace assay::optimized
#endif  // HWY_ONCE
