// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/residual.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/ops/residual.cpp"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include "optimized/ops/grain.hpp"
#include "optimized/ops/vectors_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::optimized::HWY_NAMESPACE {

void add_scaled_rows(Rows<float> x, Rows<const float> branch, float multiplier) {
  for (std::size_t token = 0; token < x.count; ++token) {
    float* sum = x[token];
    const float* addend = branch[token];
    for_each_vector(hn::ScalableTag<float>(), 0, x.width, [&](auto d, std::size_t i) {
      hn::StoreU(hn::MulAdd(hn::LoadU(d, addend + i), hn::Set(d, multiplier), hn::LoadU(d, sum + i)), d, sum + i);
    });
  }
}

}  // namespace assay::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::optimized {

HWY_EXPORT(add_scaled_rows);

void add_scaled(Rows<float> x, Rows<const float> branch, float multiplier, const Threads& threads) {
  threads.split(x.count, rows_worth_threads(x.width), [&](Range tokens) {
    HWY_DYNAMIC_DISPATCH(add_scaled_rows)
    (x.part(tokens.first, tokens.count()), branch.part(tokens.first, tokens.count()), multiplier);
  });
}

}  // namespace assay::optimized
#endif  // HWY_ONCE
