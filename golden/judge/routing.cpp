// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/routing.hpp"

#include <algorithm>
#include <cassert>
#include <functional>

namespace assay::golden {
namespace {

std::vector<std::int64_t> sorted(std::span<const std::int64_t> experts) {
  std::vector<std::int64_t> result(experts.begin(), experts.end());
  std::ranges::sort(result);
  return result;
}

/// The logits of the chosen experts: in their order, or from the largest down where the order means nothing.
/// Nothing where an expert does not exist or is chosen twice.
std::vector<double> chosen_logits(std::span<const double> logits, std::span<const std::int64_t> experts,
                                  SlotOrder order) {
  const std::vector<std::int64_t> ranked = sorted(experts);
  if (std::ranges::adjacent_find(ranked) != ranked.end()) return {};
  if (ranked.front() < 0 || ranked.back() >= static_cast<std::int64_t>(logits.size())) return {};
  std::vector<double> chosen;
  for (const std::int64_t expert : experts) chosen.push_back(logits[static_cast<std::size_t>(expert)]);
  if (order == SlotOrder::free) std::ranges::sort(chosen, std::greater<>());
  return chosen;
}

/// Whether an error of at most `logit_limit` in each logit can lead from one choice to the other.
bool reachable(std::span<const double> logits, std::span<const std::int64_t> expected,
               std::span<const std::int64_t> actual, double logit_limit, SlotOrder order) {
  const std::vector<double> ours = chosen_logits(logits, expected, order);
  const std::vector<double> theirs = chosen_logits(logits, actual, order);
  return std::ranges::equal(ours, theirs,
                            [&](double best, double instead) { return best - instead <= 2.0 * logit_limit; });
}

}  // namespace

std::vector<Decision> compare_experts(const RecordedRouting& expected, std::span<const std::int64_t> actual,
                                      double logit_limit, SlotOrder order) {
  const std::size_t tokens = expected.margin.size();
  assert(expected.experts.size() == actual.size() && tokens > 0 && "the same tokens and slots");
  const std::size_t slots = actual.size() / tokens;
  const std::size_t experts = expected.logits.size() / tokens;
  std::vector<Decision> decisions(tokens, Decision::same);
  for (std::size_t token = 0; token < tokens; ++token) {
    const auto ours = expected.experts.subspan(token * slots, slots);
    const auto theirs = actual.subspan(token * slots, slots);
    if (order == SlotOrder::significant ? std::ranges::equal(ours, theirs) : sorted(ours) == sorted(theirs)) continue;
    const bool tied = logit_limit > 0.0 && expected.margin[token] <= 2.0 * logit_limit &&
                      reachable(expected.logits.subspan(token * experts, experts), ours, theirs, logit_limit, order);
    decisions[token] = tied ? Decision::tie : Decision::wrong;
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
