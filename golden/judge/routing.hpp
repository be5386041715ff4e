// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Which expert a token goes to is a decision, not a number: it is right, or wrong, or a tie that rounding may turn
// either way, and that must be proven by the margin which the golden recorded.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/judge/result.hpp"

namespace assay::golden {

/// Whether the order of a token's experts means something: in Granite the slots are a set, in PhiMoE the first and
/// the second expert get their weights by different rules.
enum class SlotOrder { free, significant };

/// What the golden says of the routing of one layer.
struct RecordedRouting {
  std::span<const std::int64_t> experts;  // [T, k]
  std::span<const double> logits;         // [T, E]
  std::span<const double> margin;         // [T]
};

/// Token by token. One that differs is a tie if twice `logit_limit`, the largest error that its router logits may have,
/// reaches its margin, and if errors of that size can lead to just these experts: no rounding chooses one expert
/// twice, or one that is far behind. With a limit of 0 nothing is a tie: equal logits have a rule, too.
[[nodiscard]] std::vector<Decision> compare_experts(const RecordedRouting& expected,
                                                    std::span<const std::int64_t> actual,  // [T, k]
                                                    double logit_limit, SlotOrder order);

/// For each token and slot of the expected order, the actual slot with the same expert; a token whose sets differ
/// keeps its own order.
[[nodiscard]] std::vector<std::size_t> align_slots(std::span<const std::int64_t> expected,  // [T, k]
                                                   std::span<const std::int64_t> actual,    // [T, k]
                                                   std::size_t tokens);

/// [T, k, ...] with the slots of each token in the order that align_slots gave.
[[nodiscard]] std::vector<double> reorder_slots(std::span<const double> values, std::span<const std::size_t> slots,
                                                std::size_t tokens);

}  // namespace assay::golden
