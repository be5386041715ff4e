// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/visibility.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "reference/blocks/call_context.hpp"
#include "tests/support/owned_call.hpp"

namespace assay::optimized {
namespace {

using test::LaidOutCall;
using test::OwnedCall;

/// A visibility with the tables that it refers to.
struct Owned {
  std::vector<std::uint8_t> mask;
  std::vector<std::uint32_t> segments;
  Visibility visibility;
};

Owned visibility_of(const OwnedCall& owned, std::size_t past_tokens = 0, const VisibilityRules& rules = {}) {
  const LaidOutCall laid_out(owned);
  const Call call = laid_out.call();
  const Past past{owned.input_ids.size(), past_tokens};
  Owned result;
  result.mask.resize(key_mask_elements(call, past, rules), 7);
  result.segments.resize(segments_elements(call, rules), 7);
  result.visibility = make_visibility(call, past, rules, result.mask.data(), result.segments.data());
  return result;
}

struct Case {
  std::string name;
  OwnedCall call;
  std::size_t past = 0;
  VisibilityRules rules{};
};

std::vector<Case> cases() {
  const test::Rows five{{1, 1, 1, 1, 1}};
  const test::Rows two_of_five{{1, 1, 1, 1, 1}, {1, 1, 1, 1, 1}};
  const test::Rows three{{1, 1, 1}};
  const auto window = [](std::size_t keys) { return VisibilityRules{keys, true}; };
  return {
      {"no mask", {.input_ids = five}},
      {"padding on the left", {.input_ids = two_of_five, .attention_mask = {{0, 0, 1, 1, 1}, {1, 1, 1, 1, 1}}}},
      {"holes", {.input_ids = two_of_five, .attention_mask = {{1, 0, 1, 0, 1}, {0, 0, 0, 0, 0}}}},
      {"a short mask", {.input_ids = five, .attention_mask = {{1, 1, 1}}}},
      {"continued", {.input_ids = three, .use_cache = true, .continues = true}, 4},
      {"continued under a mask",
       {.input_ids = three, .attention_mask = {{0, 1, 1, 0, 1, 1, 1}}, .use_cache = true, .continues = true},
       4},
      {"a mask of the new tokens only",
       {.input_ids = three, .attention_mask = {{1, 1, 1}}, .use_cache = true, .continues = true},
       4},
      {"a window of 1", {.input_ids = five}, 0, window(1)},
      {"a window of 2", {.input_ids = five}, 0, window(2)},
      {"a wide window", {.input_ids = five}, 0, window(9)},
      {"a window that dropped keys", {.input_ids = three, .use_cache = true, .continues = true}, 6, window(3)},
      {"a window that dropped keys, under a mask",
       {.input_ids = three, .attention_mask = {{1, 0, 0, 1, 0, 1, 1, 0, 1}}, .use_cache = true, .continues = true},
       6,
       window(3)},
      {"a window not yet full", {.input_ids = three, .use_cache = true, .continues = true}, 2, window(5)},
      {"packed", {.input_ids = two_of_five, .position_ids = {{0, 1, 0, 1, 2}, {3, 4, 5, 7, 7}}}},
      {"packed alike", {.input_ids = two_of_five, .position_ids = {{0, 1, 0, 1, 2}}}},
      {"packed in a window", {.input_ids = five, .position_ids = {{0, 1, 2, 0, 1}}}, 0, window(2)},
      {"positions with a cache", {.input_ids = five, .position_ids = {{0, 1, 0, 1, 2}}, .use_cache = true}},
      {"positions with a mask",
       {.input_ids = five, .attention_mask = {{1, 1, 1, 1, 1}}, .position_ids = {{0, 1, 0, 1, 2}}}},
      {"seq_idx", {.input_ids = five, .packed = test::packed_sequences({2, 1, 2})}, 0, {std::nullopt, false}},
      {"one sequence", {.input_ids = five, .packed = test::packed_sequences({5})}, 0, {std::nullopt, false}},
      {"positions in the hybrid", {.input_ids = five, .position_ids = {{0, 1, 0, 1, 2}}}, 0, {std::nullopt, false}},
  };
}

TEST(Visibility, IsThatOfTheReference) {
  for (const Case& each : cases()) {
    const Owned owned = visibility_of(each.call, each.past, each.rules);
    const LaidOutCall laid_out(each.call);
    const auto expected = reference::make_context<double>(laid_out.call(), {each.call.input_ids.size(), each.past},
                                                          {each.rules.sliding_window, each.rules.packs_by_position})
                              .visible;
    ASSERT_EQ(owned.visibility.batch, expected.extent(0)) << each.name;
    ASSERT_EQ(owned.visibility.queries, expected.extent(1)) << each.name;
    ASSERT_EQ(owned.visibility.keys, expected.extent(2)) << each.name;
    for (std::size_t b = 0; b < expected.extent(0); ++b) {
      for (std::size_t query = 0; query < expected.extent(1); ++query) {
        bool any = false;
        for (std::size_t key = 0; key < expected.extent(2); ++key) {
          any = any || expected(b, query, key) != 0;
          EXPECT_EQ(sees(owned.visibility, b, query, key), expected(b, query, key) != 0)
              << each.name << ": row " << b << ", query " << query << ", key " << key;
        }
        EXPECT_EQ(sees_nothing(owned.visibility, b, query), !any) << each.name << ": row " << b << ", query " << query;
      }
    }
  }
}

TEST(Visibility, DropsKeysAsAContinuedWindowDoes) {
  const Owned owned = visibility_of({.input_ids = {{1, 1, 1}}, .use_cache = true, .continues = true}, 6,
                                    {.sliding_window = 3, .packs_by_position = true});
  EXPECT_EQ(owned.visibility.first_query, 6U);
  EXPECT_EQ(owned.visibility.first_key, 4U);
  EXPECT_EQ(owned.visibility.keys, 5U);
}

TEST(Visibility, RefersToNoTableThatHidesNothing) {
  EXPECT_EQ(visibility_of({.input_ids = {{1, 1}}, .attention_mask = {{1, 1}}}).visibility.key_mask, nullptr);
  EXPECT_NE(visibility_of({.input_ids = {{1, 1}}, .attention_mask = {{1, 0}}}).visibility.key_mask, nullptr);
  EXPECT_EQ(visibility_of({.input_ids = {{1, 1}}, .position_ids = {{8, 9}}}).visibility.segments, nullptr);
  EXPECT_NE(visibility_of({.input_ids = {{1, 1}}, .position_ids = {{8, 8}}}).visibility.segments, nullptr);
}

TEST(Visibility, OfOneSequenceRefersToNoTable) {
  EXPECT_EQ(visibility_of({.input_ids = {{1, 1}}, .packed = test::packed_sequences({2})}).visibility.segments, nullptr);
  EXPECT_NE(visibility_of({.input_ids = {{1, 1}}, .packed = test::packed_sequences({1, 1})}).visibility.segments,
            nullptr);
}

TEST(Visibility, OfPackedSequencesEndsWhereACacheBegins) {
  // transformers looks for packed sequences only where it is given no cache.
  const OwnedCall continued{.input_ids = {{1, 1}}, .position_ids = {{0, 0}}, .continues = true};
  EXPECT_EQ(visibility_of(continued, 3).visibility.segments, nullptr);
}

/// Calls check(queries, keys) for all ranges of the visibility that are not empty.
template <class Check>
void for_all_tiles(const Visibility& visibility, const Check& check) {
  for (std::size_t q0 = 0; q0 < visibility.queries; ++q0) {
    for (std::size_t q1 = q0 + 1; q1 <= visibility.queries; ++q1) {
      for (std::size_t k0 = 0; k0 < visibility.keys; ++k0) {
        for (std::size_t k1 = k0 + 1; k1 <= visibility.keys; ++k1) check(Range{q0, q1}, Range{k0, k1});
      }
    }
  }
}

TEST(Visibility, KnowsWhichTilesAreFull) {
  for (const Case& each : cases()) {
    const Owned owned = visibility_of(each.call, each.past, each.rules);
    for (std::size_t b = 0; b < owned.visibility.batch; ++b) {
      for_all_tiles(owned.visibility, [&](Range queries, Range keys) {
        bool full = true;
        for (std::size_t query = queries.first; query < queries.last; ++query) {
          for (std::size_t key = keys.first; key < keys.last; ++key) {
            full = full && sees(owned.visibility, b, query, key);
          }
        }
        EXPECT_EQ(tile_is_full(owned.visibility, b, queries, keys), full) << each.name << ": row " << b;
      });
    }
  }
}

TEST(Visibility, TrimsATileToWhatItShows) {
  for (const Case& each : cases()) {
    const Owned owned = visibility_of(each.call, each.past, each.rules);
    for (std::size_t b = 0; b < owned.visibility.batch; ++b) {
      for_all_tiles(owned.visibility, [&](Range queries, Range keys) {
        const auto any_sees = [&](std::size_t key) {
          for (std::size_t query = queries.first; query < queries.last; ++query) {
            if (sees(owned.visibility, b, query, key)) return true;
          }
          return false;
        };
        Range shown = keys;
        while (shown.first < shown.last && !any_sees(shown.first)) ++shown.first;
        while (shown.last > shown.first && !any_sees(shown.last - 1)) --shown.last;
        const Range found = shown_range(owned.visibility, b, queries, keys);
        EXPECT_EQ(found.count(), shown.count()) << each.name << ": row " << b;
        if (shown.count() > 0) {
          EXPECT_EQ(found.first, shown.first) << each.name << ": row " << b;
        }
      });
    }
  }
}

TEST(Visibility, KnowsWhoSeesAKey) {
  for (const Case& each : cases()) {
    const Owned owned = visibility_of(each.call, each.past, each.rules);
    for (std::size_t b = 0; b < owned.visibility.batch; ++b) {
      for (std::size_t key = 0; key < owned.visibility.keys; ++key) {
        const Range seeing = seen_by(owned.visibility, b, key);
        for (std::size_t query = 0; query < owned.visibility.queries; ++query) {
          EXPECT_EQ(query >= seeing.first && query < seeing.last, sees(owned.visibility, b, query, key))
              << each.name << ": row " << b << ", query " << query << ", key " << key;
        }
      }
    }
  }
}

TEST(Visibility, RangeIsThatOfCausalityAndWindow) {
  const Owned causal = visibility_of({.input_ids = {{1, 1, 1}}, .use_cache = true, .continues = true}, 4);
  EXPECT_EQ(visible_range(causal.visibility, {0, 1}).first, 0U);
  EXPECT_EQ(visible_range(causal.visibility, {0, 1}).last, 5U);
  EXPECT_EQ(visible_range(causal.visibility, {1, 3}).last, 7U);
  EXPECT_EQ(common_range(causal.visibility, {1, 3}).last, 6U);
  // Of the tokens 4 to 8 the query at 7 sees 5, 6 and 7, that at 8 sees 6, 7 and 8.
  const Owned window = visibility_of({.input_ids = {{1, 1, 1}}, .use_cache = true, .continues = true}, 6,
                                     {.sliding_window = 3, .packs_by_position = true});
  EXPECT_EQ(visible_range(window.visibility, {1, 3}).first, 1U);
  EXPECT_EQ(visible_range(window.visibility, {1, 3}).last, 5U);
  EXPECT_EQ(common_range(window.visibility, {1, 3}).first, 2U);
  EXPECT_EQ(common_range(window.visibility, {1, 3}).last, 4U);
  EXPECT_EQ(common_range(visibility_of({.input_ids = {{1, 1, 1}}}, 0, {1, true}).visibility, {0, 3}).count(), 0U);
}

}  // namespace
}  // namespace assay::optimized
