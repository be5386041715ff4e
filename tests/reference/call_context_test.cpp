// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/call_context.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/support/owned_call.hpp"

namespace assay::reference {
namespace {

using test::LaidOutCall;
using test::OwnedCall;
using test::Rows;

using Picture = std::vector<std::string>;

/// A row of text for each query, an x for each key that it sees.
Picture picture(const Tensor<std::uint8_t, 3>& visible, std::size_t row = 0) {
  Picture lines;
  for (std::size_t l = 0; l < visible.extent(1); ++l) {
    std::string line;
    for (std::size_t s = 0; s < visible.extent(2); ++s) line += visible(row, l, s) != 0 ? 'x' : '.';
    lines.push_back(line);
  }
  return lines;
}

CallContext<float> context_of(const OwnedCall& call, std::size_t past = 0, const MaskRules& rules = {}) {
  return make_context<float>(LaidOutCall(call).call(), {call.input_ids.size(), past}, rules);
}

Picture visible_of(const OwnedCall& call, std::size_t past = 0, const MaskRules& rules = {}) {
  return picture(context_of(call, past, rules).visible);
}

const Rows three_tokens{{1, 1, 1}};
const MaskRules window_of_two{.sliding_window = 2, .packs_by_position = true};

TEST(Visible, IsTheTriangleWithoutAMask) {
  EXPECT_EQ(visible_of({.input_ids = three_tokens}), (Picture{"x..", "xx.", "xxx"}));
}

TEST(Visible, ReachesBackIntoTheCache) {
  EXPECT_EQ(visible_of({.input_ids = three_tokens, .use_cache = true, .continues = true}, 2),
            (Picture{"xxx..", "xxxx.", "xxxxx"}));
}

TEST(Visible, OfAWindowIsAtMostTheWindowItselfIncluded) {
  for (std::size_t window = 1; window <= 5; ++window) {
    const Tensor<std::uint8_t, 3> visible =
        context_of({.input_ids = {{1, 1, 1, 1}}}, 0, {.sliding_window = window, .packs_by_position = true}).visible;
    for (std::size_t i = 0; i < 4; ++i) {
      std::size_t seen = 0;
      for (std::size_t key = 0; key < 4; ++key) seen += visible(0, i, key);
      EXPECT_EQ(seen, std::min(i + 1, window)) << "row " << i << ", window " << window;
    }
  }
}

TEST(Visible, OfAWindowStartsAtTheKeysThatTheCacheKept) {
  // Of five tokens seen, a window of two kept the last; the columns are the tokens 4, 5, 6, 7.
  const OwnedCall call{.input_ids = three_tokens, .use_cache = true, .continues = true};
  EXPECT_EQ(visible_of(call, 5, window_of_two), (Picture{"xx..", ".xx.", "..xx"}));
  // The cache is not yet full: nothing was dropped.
  EXPECT_EQ(visible_of(call, 1, window_of_two), (Picture{"xx..", ".xx.", "..xx"}));
  EXPECT_EQ(visible_of(call, 2, {.sliding_window = 4, .packs_by_position = true}),
            (Picture{"xxx..", "xxxx.", ".xxxx"}));
}

TEST(Visible, LeavesOutPaddingOnTheLeft) {
  const Tensor<std::uint8_t, 3> visible =
      context_of({.input_ids = {{0, 1, 1}, {1, 1, 1}}, .attention_mask = {{0, 1, 1}, {1, 1, 1}}}).visible;
  EXPECT_EQ(picture(visible, 0), (Picture{"...", ".x.", ".xx"}));
  EXPECT_EQ(picture(visible, 1), (Picture{"x..", "xx.", "xxx"}));
}

TEST(Visible, TakesAMaskThatIsTooShortAsZerosOnItsRight) {
  // A mask of the new token only covers the first of the past instead.
  EXPECT_EQ(visible_of({.input_ids = {{1}}, .attention_mask = {{1}}, .use_cache = true, .continues = true}, 3),
            (Picture{"x..."}));
}

TEST(Visible, CountsTheMaskFromTheFirstTokenOfTheSequenceAlsoInAWindow) {
  // Columns are the tokens 3 and 4; the mask hides token 3.
  EXPECT_EQ(visible_of({.input_ids = {{1}}, .attention_mask = {{1, 1, 1, 0, 1}}, .use_cache = true, .continues = true},
                       4, window_of_two),
            (Picture{".x"}));
}

TEST(Visible, SeparatesSequencesWherePositionsRestart) {
  const Rows four_tokens{{1, 1, 1, 1}};
  const Picture apart{"x...", "xx..", "..x.", "..xx"};
  EXPECT_EQ(visible_of({.input_ids = four_tokens, .position_ids = {{0, 1, 0, 1}}}), apart);
  EXPECT_EQ(visible_of({.input_ids = four_tokens, .position_ids = {{5, 6, 8, 9}}}), apart);
  EXPECT_EQ(visible_of({.input_ids = four_tokens, .position_ids = {{5, 6, 6, 7}}}), apart);
}

TEST(Visible, SeparatesEachRowByItsOwnPositionsOrAllByOne) {
  const Rows two_rows{{1, 1}, {1, 1}};
  const auto each = context_of({.input_ids = two_rows, .position_ids = {{0, 1}, {0, 0}}}).visible;
  EXPECT_EQ(picture(each, 0), (Picture{"x.", "xx"}));
  EXPECT_EQ(picture(each, 1), (Picture{"x.", ".x"}));
  const auto shared = context_of({.input_ids = two_rows, .position_ids = {{0, 0}}}).visible;
  EXPECT_EQ(picture(shared, 0), (Picture{"x.", ".x"}));
  EXPECT_EQ(picture(shared, 1), (Picture{"x.", ".x"}));
}

TEST(Visible, IsOneSequenceWithACacheOrAMaskOrInTheHybrid) {
  const OwnedCall packed{.input_ids = three_tokens, .position_ids = {{0, 0, 1}}};
  const Picture triangle{"x..", "xx.", "xxx"};
  OwnedCall cached = packed;
  cached.use_cache = true;
  EXPECT_EQ(visible_of(cached), triangle);
  OwnedCall masked = packed;
  masked.attention_mask = {{1, 1, 1}};
  EXPECT_EQ(visible_of(masked), triangle);
  EXPECT_EQ(visible_of(packed, 0, {.sliding_window = std::nullopt, .packs_by_position = false}), triangle);
}

TEST(PadMask, IsTheMaskOfTheCall) {
  const Tensor<std::uint8_t, 2> mask =
      context_of({.input_ids = {{1, 1, 1}, {1, 1, 1}}, .attention_mask = {{0, 1, 1}, {1, 1, 1}}}).pad_mask;
  const std::span<const std::uint8_t> values = mask.view().flat();
  EXPECT_EQ(std::vector(values.begin(), values.end()), (std::vector<std::uint8_t>{0, 1, 1, 1, 1, 1}));
}

TEST(PadMask, IsUsedForABatchOfOne) {
  EXPECT_FALSE(context_of({.input_ids = three_tokens, .attention_mask = {{0, 1, 1}}}).pad_mask.empty());
}

TEST(PadMask, IsNeverUsedForOneToken) {
  EXPECT_TRUE(context_of({.input_ids = {{1}}, .attention_mask = {{0}}}).pad_mask.empty());
  EXPECT_TRUE(context_of({.input_ids = {{1}}, .attention_mask = {{0, 1, 1}}, .use_cache = true, .continues = true}, 2)
                  .pad_mask.empty());
}

TEST(PadMask, IsNotUsedWhereThereIsNothingToMask) {
  EXPECT_TRUE(context_of({.input_ids = three_tokens}).pad_mask.empty());
  EXPECT_TRUE(context_of({.input_ids = three_tokens, .attention_mask = {{1, 1, 1}}}).pad_mask.empty());
}

TEST(PadMask, IsTheEndOfAMaskThatCoversThePast) {
  // A zero in the past alone still switches the mask on.
  const auto mask =
      context_of({.input_ids = {{1, 1}}, .attention_mask = {{0, 1, 1, 0}}, .use_cache = true, .continues = true}, 2)
          .pad_mask;
  ASSERT_FALSE(mask.empty());
  EXPECT_EQ(mask(0, 0), 1);
  EXPECT_EQ(mask(0, 1), 0);
  EXPECT_FALSE(
      context_of({.input_ids = {{1, 1}}, .attention_mask = {{0, 1, 1, 1}}, .use_cache = true, .continues = true}, 2)
          .pad_mask.empty());
}

TEST(PadMask, IsTheEndOfAShortMaskToo) {
  // transformers 5.23.0 takes the last columns of the mask as it is given: attention_mask[:, -L:].
  const auto mask =
      context_of({.input_ids = {{1, 1}}, .attention_mask = {{1, 0, 1}}, .use_cache = true, .continues = true}, 2)
          .pad_mask;
  ASSERT_FALSE(mask.empty());
  EXPECT_EQ(mask(0, 0), 0);
  EXPECT_EQ(mask(0, 1), 1);
}

TEST(Positions, GoOnFromThePastOrAreThoseOfTheCaller) {
  const LaidOutCall counted({.input_ids = {{1, 1}, {1, 1}}});
  const Tensor<std::int64_t, 2> positions = positions_of(counted.call(), {2, 5});
  EXPECT_EQ(positions.extent(0), 1U);
  EXPECT_EQ(positions(0, 0), 5);
  EXPECT_EQ(positions(0, 1), 6);
  const LaidOutCall given({.input_ids = {{1, 1}, {1, 1}}, .position_ids = {{3, 4}, {0, 1}}});
  EXPECT_EQ(positions_of(given.call(), {2, 5})(1, 1), 1);
  EXPECT_EQ(positions_of(given.call(), {2, 5}).extent(0), 2U);
}

TEST(AddRope, TurnsByThePositionsOfTheCall) {
  const LaidOutCall call({.input_ids = {{1, 1}}});
  const Past past{1, 3};
  CallContext<double> context = make_context<double>(call.call(), past, {});
  add_rope(context, call.call(), past, {.inv_freq = {1.0F, 0.01F}, .attention_factor = 1.5}, Probe());
  EXPECT_EQ(context.cos(0, 0, 0), std::cos(3.0) * 1.5);
  EXPECT_EQ(context.sin(0, 1, 2), std::sin(4.0) * 1.5);
  EXPECT_NEAR(context.sin(0, 1, 3), std::sin(0.04) * 1.5, 1e-8);
}

}  // namespace
}  // namespace assay::reference
