// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/weighted_sum.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/ops/weighted_sum.cpp"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include "optimized/ops/grain.hpp"
#include "optimized/ops/vectors_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::optimized::HWY_NAMESPACE {

void combine_tokens(Rows<const float> expert_out, View<const std::uint32_t, 2> row_of, View<const float, 2> weights,
                    Rows<float> out, Range tokens) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t slots = row_of.extent(1);
  for (std::size_t token = tokens.first; token < tokens.last; ++token) {
    const std::uint32_t* rows = row_of.data() + token * slots;
    const float* factors = weights.data() + token * slots;
    float* sum = out[token];
    // Four vectors at a time stay in registers while the slots go by, so that `out` is written once.
    std::size_t column = 0;
    for (; column + 4 * lanes <= out.width; column += 4 * lanes) {
      auto sum0 = hn::Zero(d);
      auto sum1 = hn::Zero(d);
      auto sum2 = hn::Zero(d);
      auto sum3 = hn::Zero(d);
      for (std::size_t slot = 0; slot < slots; ++slot) {
        const float* row = expert_out[rows[slot]] + column;
        const auto factor = hn::Set(d, factors[slot]);
        sum0 = hn::MulAdd(hn::LoadU(d, row), factor, sum0);
        sum1 = hn::MulAdd(hn::LoadU(d, row + lanes), factor, sum1);
        sum2 = hn::MulAdd(hn::LoadU(d, row + 2 * lanes), factor, sum2);
        sum3 = hn::MulAdd(hn::LoadU(d, row + 3 * lanes), factor, sum3);
      }
      hn::StoreU(sum0, d, sum + column);
      hn::StoreU(sum1, d, sum + column + lanes);
      hn::StoreU(sum2, d, sum + column + 2 * lanes);
      hn::StoreU(sum3, d, sum + column + 3 * lanes);
    }
    for_each_vector(d, column, out.width, [&](auto part, std::size_t i) {
      auto total = hn::Zero(part);
      for (std::size_t slot = 0; slot < slots; ++slot) {
        total = hn::MulAdd(hn::LoadU(part, expert_out[rows[slot]] + i), hn::Set(part, factors[slot]), total);
      }
      hn::StoreU(total, part, sum + i);
    });
  }
}

}  // namespace assay::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::optimized {

HWY_EXPORT(combine_tokens);

void combine_experts(Rows<const float> expert_out, View<const std::uint32_t, 2> row_of, View<const float, 2> weights,
                     Rows<float> out, const Threads& threads) {
  threads.split(out.count, rows_worth_threads(row_of.extent(1) * out.width), [&](Range tokens) {
    HWY_DYNAMIC_DISPATCH(combine_tokens)(expert_out, row_of, weights, out, tokens);
  });
}

}  // namespace assay::optimized
#endif  // HWY_ONCE
