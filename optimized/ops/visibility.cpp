// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/visibility.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <span>

namespace assay::optimized {
namespace {

/// a - b, 0 where that is negative.
std::size_t less(std::size_t a, std::size_t b) { return a > b ? a - b : 0; }

/// Keys that causality shows to the query: all before this one.
std::size_t end_of_past(const Visibility& visibility, std::size_t query) {
  return std::min(less(visibility.first_query + query + 1, visibility.first_key), visibility.keys);
}

/// The first key in the window of the query.
std::size_t start_of_window(const Visibility& visibility, std::size_t query) {
  if (!visibility.window) return 0;
  return less(less(visibility.first_query + query + 1, *visibility.window), visibility.first_key);
}

std::span<const std::uint8_t> mask_of(const Visibility& visibility, std::size_t b, Range keys) {
  return {visibility.key_mask + b * visibility.keys + keys.first, keys.count()};
}

std::span<const std::uint32_t> segments_of(const Visibility& visibility, std::size_t b) {
  return {visibility.segments + b * visibility.keys, visibility.keys};
}

bool packs(const Call& call, const VisibilityRules& rules) {
  return rules.packs_by_position && call.position_ids && !call.attention_mask && !call.use_cache && !call.continues;
}

/// A sliding-window cache keeps the last window - 1 keys between calls (transformers.DynamicSlidingWindowLayer).
std::size_t dropped_keys(const Past& past, const VisibilityRules& rules) {
  return rules.sliding_window ? less(past.tokens + 1, *rules.sliding_window) : 0;
}

}  // namespace

Range visible_range(const Visibility& visibility, Range queries) {
  assert(queries.count() > 0 && "a query that sees");
  return {start_of_window(visibility, queries.first), end_of_past(visibility, queries.last - 1)};
}

Range common_range(const Visibility& visibility, Range queries) {
  assert(queries.count() > 0 && "a query that sees");
  const std::size_t first = start_of_window(visibility, queries.last - 1);
  return {first, std::max(first, end_of_past(visibility, queries.first))};
}

bool sees(const Visibility& visibility, std::size_t b, std::size_t query, std::size_t key) {
  if (key >= end_of_past(visibility, query) || key < start_of_window(visibility, query)) return false;
  if (visibility.key_mask != nullptr && visibility.key_mask[b * visibility.keys + key] == 0) return false;
  return visibility.segments == nullptr || segments_of(visibility, b)[key] == segments_of(visibility, b)[query];
}

Range seen_by(const Visibility& visibility, std::size_t b, std::size_t key) {
  if (visibility.key_mask != nullptr && visibility.key_mask[b * visibility.keys + key] == 0) return {};
  const std::size_t place = visibility.first_key + key;
  Range queries{less(place, visibility.first_query), visibility.queries};
  if (visibility.window) {
    queries.last = std::min(queries.last, less(place + *visibility.window, visibility.first_query));
  }
  if (visibility.segments != nullptr) {
    const std::span<const std::uint32_t> segments = segments_of(visibility, b);
    const auto next = std::ranges::upper_bound(segments, segments[key]);
    queries.last = std::min(queries.last, static_cast<std::size_t>(next - segments.begin()));
  }
  return queries;
}

bool sees_nothing(const Visibility& visibility, std::size_t b, std::size_t query) {
  if (visibility.key_mask == nullptr) return false;  // a query sees its own key
  return shown_range(visibility, b, {query, query + 1}, {0, visibility.keys}).count() == 0;
}

bool tile_is_full(const Visibility& visibility, std::size_t b, Range queries, Range keys) {
  const Range common = common_range(visibility, queries);
  if (keys.first < common.first || keys.last > common.last) return false;
  if (visibility.segments != nullptr) {
    const std::span<const std::uint32_t> segments = segments_of(visibility, b);
    if (segments[keys.first] != segments[queries.last - 1]) return false;
  }
  if (visibility.key_mask == nullptr) return true;
  const std::span<const std::uint8_t> mask = mask_of(visibility, b, keys);
  return std::ranges::find(mask, std::uint8_t{0}) == mask.end();
}

Range shown_range(const Visibility& visibility, std::size_t b, Range queries, Range keys) {
  const Range visible = visible_range(visibility, queries);
  Range shown{std::max(keys.first, visible.first), std::min(keys.last, visible.last)};
  if (visibility.segments != nullptr) {
    const std::span<const std::uint32_t> segments = segments_of(visibility, b);
    const auto own = std::ranges::lower_bound(segments, segments[queries.first]);
    shown.first = std::max(shown.first, static_cast<std::size_t>(own - segments.begin()));
  }
  if (shown.first >= shown.last) return {};
  if (visibility.key_mask != nullptr) {
    const std::uint8_t* mask = visibility.key_mask + b * visibility.keys;
    const void* first = std::memchr(mask + shown.first, 1, shown.count());
    if (first == nullptr) return {};
    shown.first = static_cast<std::size_t>(static_cast<const std::uint8_t*>(first) - mask);
    while (mask[shown.last - 1] == 0) --shown.last;
  }
  return shown;
}

std::size_t key_mask_elements(const Call& call, const Past& past, const VisibilityRules& rules) {
  if (!call.attention_mask) return 0;
  return call.batch() * (past.tokens - dropped_keys(past, rules) + call.length());
}

std::size_t segments_elements(const Call& call, const VisibilityRules& rules) {
  return call.packed || packs(call, rules) ? call.batch() * call.length() : 0;
}

Visibility make_visibility(const Call& call, const Past& past, const VisibilityRules& rules, std::uint8_t* key_mask,
                           std::uint32_t* segments) {
  Visibility visibility;
  visibility.batch = call.batch();
  visibility.queries = call.length();
  visibility.first_query = past.tokens;
  visibility.first_key = dropped_keys(past, rules);
  visibility.keys = past.tokens - visibility.first_key + visibility.queries;
  visibility.window = rules.sliding_window;
  if (call.attention_mask) {
    // The columns of the mask are places in the sequence; a mask that is too short counts as zero.
    const View<const std::int64_t, 2> mask = *call.attention_mask;
    bool hides = false;
    for (std::size_t b = 0; b < visibility.batch; ++b) {
      for (std::size_t key = 0; key < visibility.keys; ++key) {
        const std::size_t place = visibility.first_key + key;
        const bool shown = place < mask.extent(1) && mask(b, place) != 0;
        key_mask[b * visibility.keys + key] = shown ? 1 : 0;
        hides = hides || !shown;
      }
    }
    if (hides) visibility.key_mask = key_mask;
  }
  if (call.packed && call.packed->cu_seq_lens_q.extent(0) > 2) {
    std::ranges::transform(call.packed->seq_idx.flat(), segments,
                           [](std::int64_t sequence) { return static_cast<std::uint32_t>(sequence); });
    visibility.segments = segments;
  }
  if (packs(call, rules)) {
    // A new sequence begins wherever position ids do not go on by one (transformers.find_packed_sequence_indices).
    bool separates = false;
    for (std::size_t b = 0; b < visibility.batch; ++b) {
      const View<const std::int64_t, 1> positions = (*call.position_ids)[call.position_ids->extent(0) == 1 ? 0 : b];
      std::uint32_t* segment = segments + b * visibility.keys;
      segment[0] = 0;
      for (std::size_t l = 1; l < visibility.queries; ++l) {
        segment[l] = segment[l - 1] + (positions[l] == positions[l - 1] + 1 ? 0 : 1);
      }
      separates = separates || segment[visibility.queries - 1] != 0;
    }
    if (separates) visibility.segments = segments;
  }
  return visibility;
}

}  // namespace assay::optimized
