// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Laws between two ways of giving the optimized engine the same: ids or their embeddings, its own cache or a copy,
// packed sequences or one call each, all logits or some. At lengths that cross the borders of chunks and panels.
#include "tests/optimized/small_engine.hpp"

namespace assay::test {
namespace {

using optimized::Poison;

/// `count` token ids, the same on every run.
std::vector<std::int64_t> ids_of(std::size_t count, std::int64_t seed) {
  std::vector<std::int64_t> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back((seed + static_cast<std::int64_t>(i * i % 89) * 31) % 97);
  return ids;
}

using OptimizedCalls = SmallEngineTest;

INSTANTIATE_TEST_SUITE_P(Of, OptimizedCalls, testing::ValuesIn(small_models()), name_of);

TEST_P(OptimizedCalls, EmbeddingsOfTheIdsEqualTheIds) {
  const std::unique_ptr<Engine> by_embeddings = engine({.threads = 2});
  const std::unique_ptr<Engine> by_ids = engine({.threads = 2});
  const Rows prompt{ids_of(11, 3), ids_of(11, 72)};
  EXPECT_EQ(run(*by_embeddings, {.inputs_embeds = embeddings_of(prompt), .use_cache = true}),
            run(*by_ids, {.input_ids = prompt, .use_cache = true}));
  const Rows next{{60}, {1}};
  EXPECT_EQ(run(*by_embeddings, {.inputs_embeds = embeddings_of(next), .use_cache = true, .continues = true}),
            run(*by_ids, {.input_ids = next, .use_cache = true, .continues = true}));
}

/// A copy of the cache after `tokens` tokens, continued by calls of one token, of a few, and of many.
TEST_P(OptimizedCalls, ACopyOfACacheContinuesAsTheCacheDoes) {
  for (const std::size_t tokens : {1U, 2U, 7U, 75U}) {
    const std::unique_ptr<Engine> first = engine({.threads = 2});
    Recorder shown;
    const Rows prompt{ids_of(tokens, 3), ids_of(tokens, 72)};
    (void)run(*first, {.input_ids = prompt, .use_cache = true}, Probe(&shown));
    const PastKeyValues past = past_of(shown, tokens);

    const std::unique_ptr<Engine> second = engine({.threads = 2, .poison = Poison::yes});
    (void)run(*second, {.input_ids = {ids_of(5, 9)}, .use_cache = true});  // which the given cache replaces
    bool given = false;
    for (const std::size_t count : {3U, 1U, 9U, 1U}) {
      const Rows next{ids_of(count, 60), ids_of(count, 1)};
      const OwnedCall continued{.input_ids = next, .use_cache = true, .continues = true};
      const OwnedCall from_copy{.input_ids = next, .use_cache = true, .past_key_values = &past};
      EXPECT_EQ(run(*second, given ? continued : from_copy), run(*first, continued)) << tokens << " and " << count;
      given = true;
    }
    EXPECT_EQ(past.batch(), 2U) << "the caller's copy stays";
  }
}

TEST_P(OptimizedCalls, ASingleTokenContinuesACopyToo) {
  const std::unique_ptr<Engine> first = engine();
  Recorder shown;
  (void)run(*first, {.input_ids = {ids_of(6, 3)}, .use_cache = true}, Probe(&shown));
  const PastKeyValues past = past_of(shown, 6);
  EXPECT_EQ(run(*engine(), {.input_ids = {{8}}, .use_cache = true, .past_key_values = &past}),
            run(*first, {.input_ids = {{8}}, .use_cache = true, .continues = true}));
}

/// Sequences of one token, of less than a chunk of the scan (72), of a chunk and around it.
TEST_P(OptimizedCalls, PackedSequencesOfAHybridEqualThemAlone) {
  if (GetParam().packs_by_position) return;
  for (const std::vector<std::int64_t>& lengths :
       {std::vector<std::int64_t>{3, 1, 4}, {5, 73, 1, 72, 2, 3, 1, 1, 1, 1, 17}, {9}, {1, 1}}) {
    OwnedCall packed{.input_ids = {{}}, .position_ids = {{}}, .packed = packed_sequences(lengths)};
    std::vector<double> expected;
    for (const std::int64_t length : lengths) {
      const std::vector<std::int64_t> ids = ids_of(static_cast<std::size_t>(length), length);
      packed.input_ids[0].insert(packed.input_ids[0].end(), ids.begin(), ids.end());
      for (std::int64_t position = 0; position < length; ++position) packed.position_ids[0].push_back(position);
      const std::vector<double> alone = run(*engine(), {.input_ids = {ids}});
      expected.insert(expected.end(), alone.begin(), alone.end());
    }
    const std::vector<double> logits = run(*engine({.poison = Poison::yes}), packed);
    expect_close(logits, expected, tolerance);
    expect_close(logits, run(*oracle(), packed), tolerance);
    for (const std::size_t threads : {2U, 3U, 7U}) EXPECT_EQ(run(*engine({.threads = threads}), packed), logits);
  }
}

TEST_P(OptimizedCalls, LogitsOfListedTokensAreThoseOfAllLogits) {
  const OwnedCall whole{.input_ids = {ids_of(13, 3), ids_of(13, 72)}};
  const std::vector<double> all = run(*engine(), whole);
  const std::vector<std::vector<std::int64_t>> lists{
      {0, -1, 5}, {12, 12, 3, -13, 7}, {4}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 2, 3, 4, -1, -2}};
  for (const std::vector<std::int64_t>& positions : lists) {
    std::vector<double> expected;
    for (std::size_t row = 0; row < 2; ++row) {
      for (const std::int64_t position : positions) {
        const auto token = static_cast<std::size_t>(position < 0 ? position + 13 : position);
        const std::vector<double> of_token = tokens_of(all, whole, row, token, 1);
        expected.insert(expected.end(), of_token.begin(), of_token.end());
      }
    }
    const std::vector<double> listed =
        run(*engine({.threads = 2}), {.input_ids = whole.input_ids, .logits_positions = positions});
    expect_close(listed, expected, tolerance);
    // The head's product is computed otherwise for few tokens than for many.
    if (2 * positions.size() > 4) {
      EXPECT_EQ(listed, expected);
    }
  }
}

TEST_P(OptimizedCalls, ShowWhatTheReferenceShows) {
  const Rows ids{ids_of(9, 3), ids_of(9, 72)};
  const Rows mask{{0, 0, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1}};
  Rows labels = ids;
  labels[0][0] = labels[0][1] = labels[1][4] = -100;
  const bool has_experts = common(config()).num_local_experts > 0;
  for (const Rows& given_mask : {Rows{}, mask}) {
    const OwnedCall call{.input_ids = ids,
                         .attention_mask = given_mask,
                         .labels = labels,
                         .output_hidden_states = true,
                         .output_router_logits = has_experts};
    Recorder actual;
    Recorder expected;
    (void)run(*engine({.threads = 2}), call, Probe(&actual));
    (void)run(*oracle(), call, Probe(&expected));
    for (const Site site : {Site::hidden_states, Site::aux_loss, Site::loss}) {
      if (site == Site::aux_loss && !has_experts) continue;
      EXPECT_EQ(actual.at(site).shape, expected.at(site).shape);
      expect_close(actual.at(site).values, expected.at(site).values, tolerance);
    }
  }
}

TEST_P(OptimizedCalls, DivideASummedLossByTheItemsOfTheBatch) {
  const Rows ids{ids_of(9, 3)};
  const auto loss_of = [&](const OwnedCall& call) {
    Recorder shown;
    (void)run(*engine(), call, Probe(&shown));
    return shown.at(Site::loss).values.at(0);
  };
  const double mean = loss_of({.input_ids = ids, .labels = ids});
  EXPECT_NEAR(loss_of({.input_ids = ids, .labels = ids, .num_items_in_batch = 5}), mean * 8 / 5, 1e-6 * mean);
}

}  // namespace
}  // namespace assay::test
