// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/routing.hpp"

#include <algorithm>
#include <cassert>

namespace assay::golden {
namespace {

std::vector<std::int64_t> sorted(std::span<const std::int64_t> experts) {
  std::vector<std::int64_t> result(experts.begin(), experts.end());
  std::ranges::sort(result);
  return result;
}

}  // namespace

std::vector<Decision> compare_experts(std::span<const std::int64_t> expected, std::span<const std::int64_t> actual,
                                      std::span<const double> margin, double logit_limit, SlotOrder order) {
  assert(expected.size() == actual.size() && !margin.empty() && "the same tokens and slots");
  const std::size_t slots = expected.size() / margin.size();
  std::vector<Decision> decisions(margin.size(), Decision::same);
  for (std::size_t token = 0; token < margin.size(); ++token) {
    const auto ours = expected.subspan(token * slots, slots);
    const auto theirs = actual.subspan(token * slots, slots);
    if (order == SlotOrder::significant ? std::ranges::equal(ours, theirs) : sorted(ours) == sorted(theirs)) continue;
    decisions[token] = margin[token] <= 2.0 * logit_limit ? Decision::tie : Decision::wrong;
  }
  return decisions;
}

std::vector<std::size_t> align_slots(std::span<const std::int64_t> expected, std::span<const std::int64_t> actual,
                                     std::size_t tokens) {
  assert(expected.size() == actual.size() && tokens > 0 && "the same tokens and slots");
  const std::size_t slots = expected.size() / tokens;
  std::vector<std::size_t> order(expected.size());
  for (std::size_t token = 0; token < tokens; ++token) {
    const auto theirs = actual.subspan(token * slots, slots);
    const bool same_set = sorted(expected.subspan(token * slots, slots)) == sorted(theirs);
    for (std::size_t slot = 0; slot < slots; ++slot) {
      const auto found = std::ranges::find(theirs, expected[token * slots + slot]);
      order[token * slots + slot] = same_set ? static_cast<std::size_t>(found - theirs.begin()) : slot;
    }
  }
  return order;
}

std::vector<double> reorder_slots(std::span<const double> values, std::span<const std::size_t> slots,
                                  std::size_t tokens) {
  const std::size_t per_token = slots.size() / tokens;
  const std::size_t width = values.size() / slots.size();
  std::vector<double> result(values.size());
  for (std::size_t token = 0; token < tokens; ++token) {
    for (std::size_t slot = 0; slot < per_token; ++slot) {
      const std::size_t from = token * per_token + slots[token * per_token + slot];
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(from * width), width,
                  result.begin() + static_cast<std::ptrdiff_t>((token * per_token + slot) * width));
    }
  }
  return result;
}

}  // namespace assay::golden
