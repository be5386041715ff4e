// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Which keys a query sees, as rules instead of a matrix: causality, the sliding window, the caller's mask, packed
// sequences (transformers.masking_utils). Queries and keys are counted from the first of the call; what a rule says of
// absolute places in the sequence is reckoned from there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/call.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized {

struct Visibility {
  std::size_t batch = 0;
  std::size_t queries = 0;                  ///< L
  std::size_t keys = 0;                     ///< S
  std::size_t first_query = 0;              ///< place of query 0 in the sequence: the tokens seen before
  std::size_t first_key = 0;                ///< place of key 0; > 0 where a sliding window has dropped keys
  std::optional<std::size_t> window;        ///< keys seen at most, the query's own included
  const std::uint8_t* key_mask = nullptr;   ///< [B, S] of 0 and 1, 1: shown by the caller's mask; null: all are
  const std::uint32_t* segments = nullptr;  ///< [B, S] sequence of each key, ascending, S = L; null: one sequence
};

/// The smallest contiguous range of keys outside which causality and window show nothing to any of `queries` (not
/// empty).
[[nodiscard]] Range visible_range(const Visibility& visibility, Range queries);

/// The keys that causality and window show to all of `queries`.
[[nodiscard]] Range common_range(const Visibility& visibility, Range queries);

/// Whether row `b`'s query sees the key.
[[nodiscard]] bool sees(const Visibility& visibility, std::size_t b, std::size_t query, std::size_t key);

/// The queries that see the key; they are contiguous, and none where the caller's mask hides it.
[[nodiscard]] Range seen_by(const Visibility& visibility, std::size_t b, std::size_t key);

/// Whether the query sees no key at all: a row of padding, whose attention is uniform over all S keys.
[[nodiscard]] bool sees_nothing(const Visibility& visibility, std::size_t b, std::size_t query);

/// Whether each of `queries` sees each of `keys`.
[[nodiscard]] bool tile_is_full(const Visibility& visibility, std::size_t b, Range queries, Range keys);

/// What is left of `keys` when those at both ends that none of `queries` sees are dropped, by all rules.
[[nodiscard]] Range shown_range(const Visibility& visibility, std::size_t b, Range queries, Range keys);

/// How an architecture masks.
struct VisibilityRules {
  std::optional<std::size_t> sliding_window;
  bool packs_by_position =
      true;  ///< restarted position ids separate sequences (never in the hybrid, which has seq_idx)
};

/// Elements of the two tables that make_visibility may fill; 0 where the call needs none.
[[nodiscard]] std::size_t key_mask_elements(const Call& call, const Past& past, const VisibilityRules& rules);
[[nodiscard]] std::size_t segments_elements(const Call& call, const VisibilityRules& rules);

/// The visibility of a call. It refers to the tables that it fills, or to none of them where they would hide nothing.
[[nodiscard]] Visibility make_visibility(const Call& call, const Past& past, const VisibilityRules& rules,
                                         std::uint8_t* key_mask,    // [B, S], key_mask_elements
                                         std::uint32_t* segments);  // [B, S], segments_elements

}  // namespace assay::optimized
