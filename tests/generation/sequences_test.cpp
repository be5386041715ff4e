// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "generation/sequences.hpp"

#include <gtest/gtest.h>

namespace assay::generation {
namespace {

using Ids = std::vector<std::int64_t>;

Ids flat(View<const std::int64_t, 2> view) { return {view.flat().begin(), view.flat().end()}; }

TEST(Sequences, WithoutAPadHaveNeitherMaskNorPositions) {
  Sequences sequences(left_pad({{1, 2}, {3, 4}}, 0), 2);
  const Call prefill = sequences.whole(true);
  EXPECT_EQ(flat(prefill.input_ids), (Ids{1, 2, 3, 4}));
  EXPECT_FALSE(prefill.attention_mask);
  EXPECT_FALSE(prefill.position_ids);
  EXPECT_EQ(prefill.logits_to_keep, 1U);
  EXPECT_TRUE(prefill.use_cache);
  EXPECT_FALSE(prefill.continues);
  sequences.append(Ids{5, 6});
  const Call step = sequences.last();
  EXPECT_EQ(flat(step.input_ids), (Ids{5, 6}));
  EXPECT_FALSE(step.attention_mask);
  EXPECT_TRUE(step.continues);
}

TEST(Sequences, CountPositionsFromTheFirstTokenThatIsNoPad) {
  Sequences sequences(left_pad({{1, 2, 3}, {4}}, 9), 2);
  const Call prefill = sequences.whole(true);
  EXPECT_EQ(flat(*prefill.attention_mask), (Ids{1, 1, 1, 0, 0, 1}));
  EXPECT_EQ(flat(*prefill.position_ids), (Ids{0, 1, 2, 0, 0, 0}));
  sequences.append(Ids{7, 8});
  const Call step = sequences.last();
  EXPECT_EQ(flat(step.input_ids), (Ids{7, 8}));
  EXPECT_EQ(flat(*step.attention_mask), (Ids{1, 1, 1, 1, 0, 0, 1, 1}));
  EXPECT_EQ(flat(*step.position_ids), (Ids{3, 1}));
}

TEST(Sequences, AreWholeAgainAtAnyLength) {
  Sequences sequences(left_pad({{1, 2}, {4}}, 9), 2);
  sequences.append(Ids{5, 6});
  sequences.append(Ids{7, 8});
  EXPECT_EQ(sequences.length(), 4U);
  const Call whole = sequences.whole(false);
  EXPECT_EQ(flat(whole.input_ids), (Ids{1, 2, 5, 7, 9, 4, 6, 8}));
  EXPECT_EQ(flat(*whole.position_ids), (Ids{0, 1, 2, 3, 0, 0, 1, 2}));
  EXPECT_FALSE(whole.use_cache);
}

// position_ids[..., -1:] + 1 of _update_model_kwargs_for_generation, whatever the last column is.
TEST(Sequences, PaddedOnTheRightGoOnFromTheLastColumnAsTransformersDoes) {
  PaddedPrompts prompts = left_pad({{1, 2, 9}}, 9);
  prompts.attention_mask(0, 2) = 0;
  Sequences sequences(prompts, 1);
  sequences.append(Ids{5});
  EXPECT_EQ(flat(*sequences.whole(true).position_ids), (Ids{0, 1, 0, 1}));
}

}  // namespace
}  // namespace assay::generation
