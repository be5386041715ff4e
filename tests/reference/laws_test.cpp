// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Laws that hold between runs of one engine, whatever its weights are.
#include <gtest/gtest.h>

#include "tests/reference/small_model_fixture.hpp"

namespace assay::test {
namespace {

const Rows two_prompts{{3, 91, 40, 3, 17, 60, 8}, {72, 5, 33, 12, 96, 0, 54}};
constexpr std::size_t length = 7;

class Law : public SmallModelTest {
 protected:
  /// The logits of row `row` when the sequence is cut into calls of these lengths that share a cache.
  [[nodiscard]] std::vector<double> in_pieces(const std::vector<std::size_t>& pieces, std::size_t row) const {
    const std::unique_ptr<Engine> pieced = engine();
    std::vector<double> all;
    std::size_t first = 0;
    for (const std::size_t count : pieces) {
      const OwnedCall call{
          .input_ids = columns_of(two_prompts, first, count), .use_cache = true, .continues = first > 0};
      const std::vector<double> logits = run(*pieced, call);
      const std::vector<double> of_row = tokens_of(logits, call, row, 0, count);
      all.insert(all.end(), of_row.begin(), of_row.end());
      first += count;
    }
    return all;
  }
};

INSTANTIATE_TEST_SUITE_P(Reference, Law,
                         testing::Combine(testing::ValuesIn(small_models()),
                                          testing::Values(Precision::f32, Precision::f64)),
                         name_of);

TEST_P(Law, APrefillEqualsItsPiecesAndItsSingleTokens) {
  const OwnedCall whole{.input_ids = two_prompts};
  const std::vector<double> logits = run(*engine(), whole);
  for (std::size_t row = 0; row < 2; ++row) {
    const std::vector<double> expected = tokens_of(logits, whole, row, 0, length);
    expect_close(in_pieces({length}, row), expected, tolerance());
    expect_close(in_pieces({3, 4}, row), expected, tolerance());
    expect_close(in_pieces({1, 5, 1}, row), expected, tolerance());
    expect_close(in_pieces({1, 1, 1, 1, 1, 1, 1}, row), expected, tolerance());
  }
}

TEST_P(Law, KeptLogitsAreTheLastOfAllLogits) {
  const OwnedCall whole{.input_ids = two_prompts};
  const std::vector<double> logits = run(*engine(), whole);
  for (const std::size_t kept : {std::size_t{1}, std::size_t{3}, length}) {
    const std::vector<double> last = run(*engine(), {.input_ids = two_prompts, .logits_to_keep = kept});
    std::vector<double> expected = tokens_of(logits, whole, 0, length - kept, kept);
    const std::vector<double> of_second = tokens_of(logits, whole, 1, length - kept, kept);
    expected.insert(expected.end(), of_second.begin(), of_second.end());
    EXPECT_EQ(last, expected) << kept;
  }
}

TEST_P(Law, ARowOfABatchEqualsThatRowAlone) {
  const OwnedCall both{.input_ids = two_prompts};
  const std::vector<double> logits = run(*engine(), both);
  for (std::size_t row = 0; row < 2; ++row) {
    EXPECT_EQ(run(*engine(), {.input_ids = {two_prompts[row]}}), tokens_of(logits, both, row, 0, length));
  }
}

TEST_P(Law, PaddingOnTheLeftLeavesTheRealTokensAlone) {
  const Rows short_row = columns_of({two_prompts[0]}, 0, 5);
  const OwnedCall padded{.input_ids = {{0, 0, 3, 91, 40, 3, 17}, two_prompts[1]},
                         .attention_mask = {{0, 0, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1}},
                         .position_ids = {{0, 0, 0, 1, 2, 3, 4}, {0, 1, 2, 3, 4, 5, 6}},
                         .use_cache = true};
  const std::unique_ptr<Engine> batch = engine();
  const std::unique_ptr<Engine> alone = engine();
  const std::vector<double> logits = run(*batch, padded);
  expect_close(tokens_of(logits, padded, 0, 2, 5), run(*alone, {.input_ids = short_row, .use_cache = true}),
               tolerance());
  expect_close(tokens_of(logits, padded, 1, 0, length), run(*engine(), {.input_ids = {two_prompts[1]}}), tolerance());

  // So do the tokens that follow: one, then two at once.
  const OwnedCall one{.input_ids = {{60}, {1}},
                      .attention_mask = {{0, 0, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1}},
                      .position_ids = {{5}, {7}},
                      .use_cache = true,
                      .continues = true};
  expect_close(tokens_of(run(*batch, one), one, 0, 0, 1),
               run(*alone, {.input_ids = {{60}}, .use_cache = true, .continues = true}), tolerance());
  const OwnedCall two{.input_ids = {{8, 9}, {1, 2}},
                      .attention_mask = {{0, 0, 1, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
                      .position_ids = {{6, 7}, {8, 9}},
                      .use_cache = true,
                      .continues = true};
  expect_close(tokens_of(run(*batch, two), two, 0, 0, 2),
               run(*alone, {.input_ids = {{8, 9}}, .use_cache = true, .continues = true}), tolerance());
}

TEST_P(Law, PackedSequencesEqualSeparateRunsExceptInTheHybrid) {
  const OwnedCall packed{.input_ids = {two_prompts[0]}, .position_ids = {{0, 1, 2, 0, 1, 2, 3}}};
  const std::vector<double> logits = run(*engine(), packed);
  const std::vector<double> first = run(*engine(), {.input_ids = columns_of({two_prompts[0]}, 0, 3)});
  const std::vector<double> second = run(*engine(), {.input_ids = columns_of({two_prompts[0]}, 3, 4)});
  expect_close(tokens_of(logits, packed, 0, 0, 3), first, tolerance());
  OwnedCall cached = packed;
  cached.use_cache = true;
  const std::vector<double> as_one = run(*engine(), cached);
  if (model().packs_by_position) {
    expect_close(tokens_of(logits, packed, 0, 3, 4), second, tolerance());
    EXPECT_NE(as_one, logits) << "with a cache the input is one sequence";
  } else {
    EXPECT_EQ(as_one, logits);
  }
}

TEST_P(Law, NoTokenSeesAnother) {
  Rows changed = two_prompts;
  changed[0][4] = 18;
  const OwnedCall before{.input_ids = two_prompts};
  const OwnedCall after{.input_ids = changed};
  const std::vector<double> a = run(*engine(), before);
  const std::vector<double> b = run(*engine(), after);
  EXPECT_EQ(tokens_of(a, before, 0, 0, 4), tokens_of(b, after, 0, 0, 4)) << "the tokens before";
  EXPECT_NE(tokens_of(a, before, 0, 6, 1), tokens_of(b, after, 0, 6, 1)) << "the last token";
  EXPECT_EQ(tokens_of(a, before, 1, 0, length), tokens_of(b, after, 1, 0, length)) << "the other row";
}

TEST_P(Law, AMaskOfOnesAndCountedPositionsAreTheDefault) {
  const std::vector<double> bare = run(*engine(), {.input_ids = two_prompts});
  EXPECT_EQ(
      run(*engine(), {.input_ids = two_prompts, .attention_mask = {{1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1}}}),
      bare);
  EXPECT_EQ(run(*engine(), {.input_ids = two_prompts, .position_ids = {{0, 1, 2, 3, 4, 5, 6}}}), bare);
}

TEST_P(Law, AnObserverChangesNoBit) {
  Recorder recorder;
  EXPECT_EQ(run(*engine(), {.input_ids = two_prompts}, Probe(&recorder)), run(*engine(), {.input_ids = two_prompts}));
  EXPECT_FALSE(recorder.seen().empty());
}

TEST_P(Law, AResetEngineIsAsNew) {
  const std::unique_ptr<Engine> used = engine();
  const OwnedCall call{.input_ids = two_prompts, .use_cache = true};
  const std::vector<double> fresh = run(*used, call);
  EXPECT_EQ(run(*used, call), fresh) << "a call that does not continue empties the cache";
  used->reset();
  EXPECT_EQ(run(*used, call), fresh);
  const OwnedCall next{.input_ids = {{1}, {2}}, .use_cache = true, .continues = true};
  const std::vector<double> continued = run(*used, next);
  EXPECT_NE(run(*used, next), continued) << "the cache has grown";
  used->reset();
  (void)run(*used, call);
  EXPECT_EQ(run(*used, next), continued);
}

TEST_P(Law, FloatIsCloseToDouble) {
  expect_close(run(*engine(Precision::f32), {.input_ids = two_prompts}),
               run(*engine(Precision::f64), {.input_ids = two_prompts}), 1e-5);
}

TEST_P(Law, TheEngineSaysWhatItIs) {
  EXPECT_EQ(engine()->engine_name(), "reference");
  EXPECT_EQ(engine()->precision(), precision());
}

}  // namespace
}  // namespace assay::test
