// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Laws of the optimized engine: what may not change its bits, and what changes no more than the order of its sums.
#include <algorithm>
#include <cmath>

#include "tests/optimized/small_engine.hpp"

namespace assay::test {
namespace {

using optimized::EngineOptions;
using optimized::Poison;

const Rows two_rows{{3, 91, 40, 3, 17, 60, 8}, {72, 5, 33, 12, 96, 0, 54}};
constexpr std::size_t length = 7;

/// A use of an engine as a server makes it: prompts of several sizes, continued by single tokens and by several, with
/// padding, with and without a cache.
std::vector<OwnedCall> all_kinds() {
  return {
      {.input_ids = two_rows, .use_cache = true},
      {.input_ids = {{1}, {2}}, .use_cache = true, .continues = true},
      {.input_ids = {{5, 6, 7, 8, 9}, {9, 8, 7, 6, 5}}, .use_cache = true, .continues = true},
      {.input_ids = {{10, 11}, {12, 13}}, .use_cache = true, .continues = true},
      {.input_ids = {two_rows[0]}},
      {.input_ids = {{3}}, .use_cache = true},
      {.input_ids = {{4}}, .use_cache = true, .continues = true},
      {.input_ids = {{0, 0, 3, 91, 40}, {72, 5, 33, 12, 96}, {1, 2, 3, 4, 5}},
       .attention_mask = {{0, 0, 1, 1, 1}, {1, 1, 1, 1, 1}, {1, 1, 1, 1, 1}},
       .position_ids = {{0, 0, 0, 1, 2}, {0, 1, 2, 3, 4}, {0, 1, 2, 3, 4}},
       .use_cache = true},
      {.input_ids = {{7}, {8}, {9}},
       .attention_mask = {{0, 0, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1}},
       .position_ids = {{3}, {5}, {5}},
       .use_cache = true,
       .continues = true},
  };
}

/// The logits of all of them, in one row; NaN fails.
std::vector<double> logits_of_all_kinds(Engine& engine, const Probe& probe = Probe()) {
  std::vector<double> all;
  for (const OwnedCall& call : all_kinds()) {
    const std::vector<double> logits = run(engine, call, probe);
    all.insert(all.end(), logits.begin(), logits.end());
  }
  for (const double logit : all) EXPECT_TRUE(std::isfinite(logit));
  return all;
}

class OptimizedLaw : public SmallEngineTest {
 protected:
  /// The logits of row `row` when the sequence is cut into calls of these lengths that share a cache.
  [[nodiscard]] std::vector<double> in_pieces(const std::vector<std::size_t>& pieces, std::size_t row) const {
    const std::unique_ptr<Engine> pieced = engine({.threads = 2});
    std::vector<double> all;
    std::size_t first = 0;
    for (const std::size_t count : pieces) {
      const OwnedCall call{.input_ids = columns_of(two_rows, first, count), .use_cache = true, .continues = first > 0};
      const std::vector<double> of_row = tokens_of(run(*pieced, call), call, row, 0, count);
      all.insert(all.end(), of_row.begin(), of_row.end());
      first += count;
    }
    return all;
  }
};

INSTANTIATE_TEST_SUITE_P(Of, OptimizedLaw, testing::ValuesIn(small_models()), name_of);

TEST_P(OptimizedLaw, TheReferenceComputesTheSame) {
  expect_close(logits_of_all_kinds(*engine()), logits_of_all_kinds(*oracle()), tolerance);
}

TEST_P(OptimizedLaw, EachRunHasTheSameBitsOnAnyNumberOfThreads) {
  const std::vector<double> expected = logits_of_all_kinds(*engine());
  for (const std::size_t threads : {1U, 2U, 3U, 7U}) {
    const std::unique_ptr<Engine> used = engine({.threads = threads});
    EXPECT_EQ(logits_of_all_kinds(*used), expected) << threads;
    EXPECT_EQ(logits_of_all_kinds(*used), expected) << "once more on " << threads;
  }
}

TEST_P(OptimizedLaw, AnObserverChangesNoBit) {
  Recorder recorder;
  EXPECT_EQ(logits_of_all_kinds(*engine({.threads = 2}), Probe(&recorder)),
            logits_of_all_kinds(*engine({.threads = 2})));
  EXPECT_FALSE(recorder.seen().empty());
}

TEST_P(OptimizedLaw, WhatTheCallBeforeLeftInMemoryChangesNoBit) {
  for (const std::size_t threads : {1U, 3U}) {
    EXPECT_EQ(logits_of_all_kinds(*engine({.threads = threads, .poison = Poison::yes})),
              logits_of_all_kinds(*engine()));
  }
}

TEST_P(OptimizedLaw, ReservedMemoryChangesNoBit) {
  const std::unique_ptr<Engine> used = engine();
  used->reserve(3, 7, 20);
  EXPECT_EQ(logits_of_all_kinds(*used), logits_of_all_kinds(*engine()));
}

TEST_P(OptimizedLaw, APrefillEqualsItsPiecesAndItsSingleTokens) {
  const OwnedCall whole{.input_ids = two_rows};
  const std::vector<double> logits = run(*engine(), whole);
  for (std::size_t row = 0; row < 2; ++row) {
    const std::vector<double> expected = tokens_of(logits, whole, row, 0, length);
    EXPECT_EQ(in_pieces({length}, row), expected) << "with a cache";
    expect_close(in_pieces({3, 4}, row), expected, tolerance);
    expect_close(in_pieces({1, 5, 1}, row), expected, tolerance);
    expect_close(in_pieces({5, 2}, row), expected, tolerance);
    expect_close(in_pieces({1, 1, 1, 1, 1, 1, 1}, row), expected, tolerance);
  }
}

TEST_P(OptimizedLaw, ARowOfABatchEqualsThatRowAlone) {
  const OwnedCall both{.input_ids = two_rows};
  const std::vector<double> logits = run(*engine({.threads = 2}), both);
  for (std::size_t row = 0; row < 2; ++row) {
    expect_close(run(*engine(), {.input_ids = {two_rows[row]}}), tokens_of(logits, both, row, 0, length), tolerance);
  }
}

TEST_P(OptimizedLaw, PaddingOnTheLeftLeavesTheRealTokensAlone) {
  const OwnedCall padded{.input_ids = {{0, 0, 3, 91, 40, 3, 17}, two_rows[1]},
                         .attention_mask = {{0, 0, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1}},
                         .position_ids = {{0, 0, 0, 1, 2, 3, 4}, {0, 1, 2, 3, 4, 5, 6}},
                         .use_cache = true};
  const std::unique_ptr<Engine> batch = engine({.threads = 2});
  const std::unique_ptr<Engine> alone = engine();
  const std::vector<double> logits = run(*batch, padded);
  expect_close(tokens_of(logits, padded, 0, 2, 5),
               run(*alone, {.input_ids = columns_of({two_rows[0]}, 0, 5), .use_cache = true}), tolerance);
  expect_close(tokens_of(logits, padded, 1, 0, length), run(*engine(), {.input_ids = {two_rows[1]}}), tolerance);

  const OwnedCall next{.input_ids = {{60}, {1}},
                       .attention_mask = {{0, 0, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1}},
                       .position_ids = {{5}, {7}},
                       .use_cache = true,
                       .continues = true};
  expect_close(tokens_of(run(*batch, next), next, 0, 0, 1),
               run(*alone, {.input_ids = {{60}}, .use_cache = true, .continues = true}), tolerance);
}

/// The head's product is computed otherwise for few tokens than for many; kept tokens more than that have the same
/// bits, in whatever place of a panel they are.
TEST_P(OptimizedLaw, KeptLogitsAreTheLastOfAllLogits) {
  const OwnedCall whole{.input_ids = two_rows};
  const std::vector<double> logits = run(*engine(), whole);
  for (const std::size_t kept : {std::size_t{1}, std::size_t{3}, std::size_t{6}, length}) {
    const std::vector<double> last = run(*engine(), {.input_ids = two_rows, .logits_to_keep = kept});
    std::vector<double> expected = tokens_of(logits, whole, 0, length - kept, kept);
    const std::vector<double> of_second = tokens_of(logits, whole, 1, length - kept, kept);
    expected.insert(expected.end(), of_second.begin(), of_second.end());
    expect_close(last, expected, tolerance);
    if (2 * kept > 4) {
      EXPECT_EQ(last, expected) << kept;
    }
  }
}

/// The token of the largest logit of the last token.
std::int64_t next_token(const std::vector<double>& logits) {
  const auto of_last = logits.end() - 97;
  return std::max_element(of_last, logits.end()) - of_last;
}

std::vector<std::int64_t> greedy(Engine& engine, std::size_t count) {
  std::vector<std::int64_t> made{next_token(run(engine, {.input_ids = {{3, 14, 15, 92, 65}}, .use_cache = true}))};
  while (made.size() < count) {
    made.push_back(next_token(run(engine, {.input_ids = {{made.back()}}, .use_cache = true, .continues = true})));
  }
  return made;
}

TEST_P(OptimizedLaw, GreedyTokensAreThoseOfTheReference) {
  EXPECT_EQ(greedy(*engine({.threads = 2}), 24), greedy(*oracle(), 24));
}

}  // namespace
}  // namespace assay::test
