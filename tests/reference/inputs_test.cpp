// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Laws between two ways of giving an engine the same: ids or their embeddings, its own cache or a copy, packed
// sequences or one call each.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/reference/small_model_fixture.hpp"

namespace assay::test {
namespace {

const Rows two_rows{{3, 91, 40, 3, 17, 60, 8}, {72, 5, 33, 12, 96, 0, 54}};

template <std::size_t Rank>
Tensor<float, Rank> tensor_of(const Seen& seen) {
  std::array<std::size_t, Rank> extents{};
  std::ranges::copy(seen.shape, extents.begin());
  Tensor<float, Rank> tensor(extents);
  std::ranges::transform(seen.values, tensor.view().flat().begin(),
                         [](double value) { return static_cast<float>(value); });
  return tensor;
}

class Inputs : public SmallModelTest {
 protected:
  /// The rows of the embedding matrix that the ids name.
  [[nodiscard]] Tensor<float, 3> embeddings_of(const Rows& ids) const {
    const std::vector<float>& matrix = made_up().values("model.embed_tokens.weight");
    Tensor<float, 3> embeddings({ids.size(), ids.front().size(), 48});
    for (std::size_t b = 0; b < ids.size(); ++b) {
      for (std::size_t l = 0; l < ids.front().size(); ++l) {
        const auto row = matrix.begin() + 48 * ids[b][l];
        std::copy(row, row + 48, embeddings.view()[b][l].flat().begin());
      }
    }
    return embeddings;
  }

  /// The cache that a call has shown.
  [[nodiscard]] PastKeyValues past_of(const Recorder& shown, std::size_t tokens) const {
    PastKeyValues past{.tokens = tokens, .layers = {}};
    past.layers.resize(common(config()).num_hidden_layers);
    for (const Seen& seen : shown.seen()) {
      if (!seen.point.layer) continue;
      LayerPast& layer = past.layers[seen.point.layer->value];
      if (seen.point.site == Site::cache_k) layer.keys = tensor_of<4>(seen);
      if (seen.point.site == Site::cache_v) layer.values = tensor_of<4>(seen);
      if (seen.point.site == Site::conv_state) layer.conv_state = tensor_of<3>(seen);
      if (seen.point.site == Site::ssm_state) layer.ssm_state = tensor_of<4>(seen);
    }
    return past;
  }
};

INSTANTIATE_TEST_SUITE_P(Reference, Inputs,
                         testing::Combine(testing::ValuesIn(small_models()),
                                          testing::Values(Precision::f32, Precision::f64)),
                         name_of);

TEST_P(Inputs, EmbeddingsOfTheIdsEqualTheIds) {
  EXPECT_EQ(run(*engine(), {.inputs_embeds = embeddings_of(two_rows)}), run(*engine(), {.input_ids = two_rows}));
  // In a cache too, with a mask, and as a single token.
  const std::unique_ptr<Engine> by_embeddings = engine();
  const std::unique_ptr<Engine> by_ids = engine();
  const Rows mask{{0, 0, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1}};
  EXPECT_EQ(run(*by_embeddings, {.inputs_embeds = embeddings_of(two_rows), .attention_mask = mask, .use_cache = true}),
            run(*by_ids, {.input_ids = two_rows, .attention_mask = mask, .use_cache = true}));
  const Rows next{{60}, {1}};
  EXPECT_EQ(run(*by_embeddings, {.inputs_embeds = embeddings_of(next), .use_cache = true, .continues = true}),
            run(*by_ids, {.input_ids = next, .use_cache = true, .continues = true}));
}

TEST_P(Inputs, ACopyOfACacheContinuesAsTheCacheDoes) {
  const std::unique_ptr<Engine> first = engine();
  Recorder shown;
  (void)run(*first, {.input_ids = two_rows, .use_cache = true}, Probe(&shown));
  const PastKeyValues past = past_of(shown, 7);

  const std::unique_ptr<Engine> second = engine();
  const auto expect_equal = [&](const std::vector<double>& actual, const std::vector<double>& expected) {
    if (precision() == Precision::f32) {
      EXPECT_EQ(actual, expected);
    } else {
      // The copy is of float32 values.
      expect_close(actual, expected, 1e-5);
    }
  };
  OwnedCall next{.input_ids = {{60, 4}, {1, 2}}, .use_cache = true, .past_key_values = &past};
  OwnedCall expected_next{.input_ids = next.input_ids, .use_cache = true, .continues = true};
  expect_equal(run(*second, next), run(*first, expected_next));
  // The engine has made the copy its own, and the caller's is as it was.
  const OwnedCall after{.input_ids = {{8}, {9}}, .use_cache = true, .continues = true};
  expect_equal(run(*second, after), run(*first, after));
  EXPECT_EQ(past.layers[1].keys.extent(0), 2U);
  const std::vector<double> again = run(*second, next);
  EXPECT_EQ(run(*second, next), again) << "a given cache replaces the engine's own";
}

TEST_P(Inputs, ASingleTokenContinuesACopyToo) {
  const std::unique_ptr<Engine> first = engine();
  Recorder shown;
  (void)run(*first, {.input_ids = columns_of(two_rows, 0, 3), .use_cache = true}, Probe(&shown));
  const PastKeyValues past = past_of(shown, 3);
  const Rows next = columns_of(two_rows, 3, 1);
  expect_close(run(*engine(), {.input_ids = next, .use_cache = true, .past_key_values = &past}),
               run(*first, {.input_ids = next, .use_cache = true, .continues = true}),
               precision() == Precision::f32 ? 0.0 : 1e-5);
}

TEST_P(Inputs, PackedSequencesOfAHybridEqualSeparateRuns) {
  if (model().packs_by_position) return;
  const Rows row{two_rows[0]};
  OwnedCall packed{.input_ids = row, .position_ids = {{0, 1, 2, 0, 0, 1, 2}}, .packed = packed_sequences({3, 1, 3})};
  const std::vector<double> logits = run(*engine(), packed);
  const std::vector<std::pair<std::size_t, std::size_t>> pieces{{0, 3}, {3, 1}, {4, 3}};
  for (const auto& [first, count] : pieces) {
    EXPECT_EQ(tokens_of(logits, packed, 0, first, count), run(*engine(), {.input_ids = columns_of(row, first, count)}));
  }
  // One sequence is no packing; another border is another result.
  packed.packed = packed_sequences({7});
  EXPECT_EQ(run(*engine(), packed), run(*engine(), {.input_ids = row, .position_ids = packed.position_ids}));
  packed.packed = packed_sequences({3, 2, 2});
  EXPECT_NE(run(*engine(), packed), logits);
}

}  // namespace
}  // namespace assay::test
