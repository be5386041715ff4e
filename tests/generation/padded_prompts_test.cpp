// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "generation/padded_prompts.hpp"

#include <gtest/gtest.h>

#include "tests/support/error_of.hpp"

namespace assay::generation {
namespace {

using test::error_of;
using Ids = std::vector<std::int64_t>;

Ids flat(const Tensor<std::int64_t, 2>& tensor) {
  const auto values = tensor.view().flat();
  return {values.begin(), values.end()};
}

TEST(LeftPad, FillsUpOnTheLeft) {
  const PaddedPrompts padded = left_pad({{1, 2, 3}, {4}, {5, 6}}, 9);
  EXPECT_EQ(flat(padded.input_ids), (Ids{1, 2, 3, 9, 9, 4, 9, 5, 6}));
  EXPECT_EQ(flat(padded.attention_mask), (Ids{1, 1, 1, 0, 0, 1, 0, 1, 1}));
  EXPECT_EQ(padded.rows(), 3U);
  EXPECT_EQ(padded.width(), 3U);
  EXPECT_EQ(padded.tokens(), 6U);
}

TEST(LeftPad, TakesAnIdThatEqualsThePadForAToken) {
  EXPECT_EQ(flat(left_pad({{9, 2, 9}}, 9).attention_mask), (Ids{1, 1, 1}));
}

TEST(LeftPad, NeedsNoPadForEqualLengths) {
  EXPECT_EQ(flat(left_pad({{1, 2}, {3, 4}}, std::nullopt).input_ids), (Ids{1, 2, 3, 4}));
  EXPECT_EQ(error_of([] {
              (void)left_pad({{1, 2}, {3}}, std::nullopt);
            }),
            "prompts: row 1: expected 2 tokens as in the longest, or a pad_token_id or eos_token_id to pad with, "
            "found 1 tokens and neither");
}

TEST(LeftPad, RefusesWhatIsEmpty) {
  EXPECT_EQ(error_of([] { (void)left_pad({}, 0); }), "prompts: expected at least one, found none");
  EXPECT_EQ(error_of([] { (void)left_pad({{1}, {}}, 0); }), "prompts: row 1: expected at least one token, found none");
}

}  // namespace
}  // namespace assay::generation
