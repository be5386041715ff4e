// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/loss.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/ops/loss.cpp"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <limits>

#include "optimized/ops/grain.hpp"
#include "optimized/ops/vectors_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::optimized::HWY_NAMESPACE {

/// Sum of exp(values - largest); NaN where a value is, which Highway's exponential turns into a number.
double sum_of_exponentials(const float* values, std::size_t count, double largest) {
  double sum = 0;
  const hn::ScalableTag<double> whole;
  auto sums = hn::Zero(whole);
  for_each_vector(whole, 0, count, [&](auto d, std::size_t i) {
    const hn::Rebind<float, decltype(d)> narrow;
    const auto difference = hn::Sub(hn::PromoteTo(d, hn::LoadU(narrow, values + i)), hn::Set(d, largest));
    const auto exponential = hn::IfThenElse(hn::IsNaN(difference), difference, hn::Exp(d, difference));
    if constexpr (hn::MaxLanes(d) == hn::MaxLanes(hn::ScalableTag<double>())) {
      sums = hn::Add(sums, exponential);
    } else {
      sum += hn::GetLane(hn::SumOfLanes(d, exponential));
    }
  });
  return sum + hn::GetLane(hn::SumOfLanes(whole, sums));
}

/// log(sum exp(values)) in one pass over memory: block by block in the first-level cache, what was summed before is
/// scaled down where a block has a larger value.
double log_sum_exp(const float* values, std::size_t count) {
  constexpr std::size_t block = 2048;
  double largest = -std::numeric_limits<double>::infinity();
  double sum = 0;
  for (std::size_t first = 0; first < count; first += block) {
    const std::size_t here = std::min(block, count - first);
    const auto found = static_cast<double>(*std::max_element(values + first, values + first + here));
    if (found > largest) {
      sum *= std::exp(largest - found);
      largest = found;
    }
    sum += sum_of_exponentials(values + first, here, largest);
  }
  return largest + std::log(sum);
}

}  // namespace assay::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::optimized {

HWY_EXPORT(log_sum_exp);

void cross_entropy_terms(Rows<const float> logits, std::span<const std::int64_t> targets, std::span<double> terms,
                         const Threads& threads) {
  assert(targets.size() == logits.count && terms.size() == logits.count && "a target and a term a row");
  threads.split(logits.count, rows_worth_threads(8 * logits.width), [&](Range rows) {
    for (std::size_t row = rows.first; row < rows.last; ++row) {
      terms[row] = 0;
      if (targets[row] == no_target) continue;
      const auto target = static_cast<double>(logits[row][static_cast<std::size_t>(targets[row])]);
      terms[row] = HWY_DYNAMIC_DISPATCH(log_sum_exp)(logits[row], logits.width) - target;
    }
  });
}

double reduce_cross_entropy(std::span<const double> terms, std::span<const std::int64_t> targets, std::int64_t items) {
  double sum = 0;
  for (const double term : terms) sum += term;
  const auto counted = static_cast<std::ptrdiff_t>(targets.size()) - std::ranges::count(targets, no_target);
  return sum / static_cast<double>(items != 0 ? items : counted);
}

double mean_squared_error(std::span<const float> logits, std::span<const float> labels) {
  double sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double distance = static_cast<double>(logits[i]) - static_cast<double>(labels[i]);
    sum += distance * distance;
  }
  return sum / static_cast<double>(logits.size());
}

double binary_cross_entropy(std::span<const float> logits, std::span<const float> labels) {
  double sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const auto x = static_cast<double>(logits[i]);
    // log(1 + exp(x)) = x + log(1 + exp(-x)) where exp(x) would be too large.
    const double log_of_one_more = x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
    sum += log_of_one_more - static_cast<double>(labels[i]) * x;
  }
  return sum / static_cast<double>(logits.size());
}

}  // namespace assay::optimized
#endif  // HWY_ONCE
