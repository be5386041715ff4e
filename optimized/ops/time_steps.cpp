// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/time_steps.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/ops/time_steps.cpp"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include "optimized/ops/grain.hpp"
#include "optimized/ops/vectors_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::optimized::HWY_NAMESPACE {

/// In double: there are few of them, and what follows takes them to powers.
void time_steps_rows(Rows<const float> raw, const float* dt_bias, double lower, double upper, Rows<float> dt) {
  for (std::size_t token = 0; token < raw.count; ++token) {
    const float* in = raw[token];
    float* out = dt[token];
    for_each_vector(hn::ScalableTag<double>(), 0, raw.width, [&](auto d, std::size_t i) {
      const hn::Rebind<float, decltype(d)> narrow;
      const auto wide = [&](const float* from) { return hn::PromoteTo(d, hn::LoadU(narrow, from + i)); };
      const auto x = hn::Add(wide(in), wide(dt_bias));
      const auto most = hn::Set(d, 20.0);
      const auto softplus = hn::IfThenElse(hn::Gt(x, most), x, hn::Log1p(d, hn::Exp(d, hn::Min(x, most))));
      const auto clamped = hn::Min(hn::Max(softplus, hn::Set(d, lower)), hn::Set(d, upper));
      // Highway's exponential, minimum and maximum lose a NaN.
      const auto result = hn::IfThenElse(hn::Eq(x, x), clamped, x);
      hn::StoreU(hn::DemoteTo(narrow, result), narrow, out + i);
    });
  }
}

}  // namespace assay::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::optimized {

HWY_EXPORT(time_steps_rows);

void time_steps(Rows<const float> raw, std::span<const float> dt_bias, double lower, double upper, Rows<float> dt,
                const Threads& threads) {
  threads.split(raw.count, rows_worth_threads(32 * raw.width), [&](Range tokens) {
    HWY_DYNAMIC_DISPATCH(time_steps_rows)
    (raw.part(tokens.first, tokens.count()), dt_bias.data(), lower, upper, dt.part(tokens.first, tokens.count()));
  });
}

}  // namespace assay::optimized
#endif  // HWY_ONCE
