// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// After reserve() an engine needs no further memory: no call allocates, neither a prompt nor the tokens that follow.
#include "optimized/threads.hpp"
#include "tests/optimized/allocations.hpp"
#include "tests/optimized/small_engine.hpp"
#include "tests/support/config_text.hpp"

namespace assay::test {
namespace {

/// What calls took: the heap's blocks and the mapped pages.
struct Taken {
  std::size_t blocks = 0;
  std::size_t pages = 0;
  bool operator==(const Taken&) const = default;
};

/// Of one call, the shape of the logits that it returns apart: that is the caller's, one block.
Taken taken_by(Engine& engine, const OwnedCall& owned) {
  const LaidOutCall laid_out(owned);
  const Call call = laid_out.call();
  const std::size_t pages = mapped_pages();
  const std::size_t blocks = heap_allocations();
  {
    const SiteValue logits = engine.forward(call, Probe());
    EXPECT_EQ(logits.shape.size(), 3U);
  }
  return {heap_allocations() - blocks - 1, mapped_pages() - pages};
}

constexpr Taken nothing{};

Rows rows_of(std::size_t batch, std::size_t tokens) { return Rows(batch, std::vector<std::int64_t>(tokens, 5)); }

OwnedCall first_call(std::size_t batch, std::size_t tokens) {
  return {.input_ids = rows_of(batch, tokens), .use_cache = true, .logits_to_keep = 1};
}

OwnedCall next_call(std::size_t batch, std::size_t tokens) {
  return {.input_ids = rows_of(batch, tokens), .use_cache = true, .continues = true, .logits_to_keep = 1};
}

class ReservedEngine : public SmallEngineTest {
 protected:
  /// The threads of a team are made when it first works together; that is not the engine's memory.
  static void wake_threads(std::size_t threads) {
    optimized::Threads(threads).run([](std::size_t) {});
  }
};

INSTANTIATE_TEST_SUITE_P(Of, ReservedEngine, testing::ValuesIn(small_models()), name_of);

TEST_P(ReservedEngine, AllocatesNothingForAPromptAndTheTokensThatFollow) {
  for (const std::size_t threads : {1U, 2U}) {
    wake_threads(threads);
    for (const std::size_t batch : {1U, 3U}) {
      const std::unique_ptr<Engine> used = engine({.threads = threads});
      used->reserve(batch, 12, 40);
      EXPECT_EQ(taken_by(*used, first_call(batch, 12)), nothing) << "the prompt";
      for (std::size_t token = 12; token < 40; ++token) {
        ASSERT_EQ(taken_by(*used, next_call(batch, 1)), nothing) << "token " << token << " of " << batch << " rows";
      }
    }
  }
}

TEST_P(ReservedEngine, AllocatesNothingForShorterPromptsAndSmallerBatches) {
  wake_threads(2);
  const std::unique_ptr<Engine> used = engine({.threads = 2});
  used->reserve(3, 12, 40);
  for (const std::size_t batch : {1U, 3U, 2U}) {
    for (const std::size_t tokens : {12U, 5U, 4U, 3U, 1U}) {
      EXPECT_EQ(taken_by(*used, first_call(batch, tokens)), nothing) << batch << " x " << tokens;
      EXPECT_EQ(taken_by(*used, next_call(batch, 12)), nothing);
      // Up to the last token that there is room for, in calls of each length.
      for (const std::size_t more : {4U, 2U, 1U, 3U, 5U}) {
        EXPECT_EQ(taken_by(*used, next_call(batch, more)), nothing) << more << " more";
      }
    }
  }
}

TEST_P(ReservedEngine, AllocatesNothingForEmbeddingsACallersCacheAndPackedSequences) {
  wake_threads(2);
  const std::unique_ptr<Engine> used = engine({.threads = 2});
  Recorder shown;
  (void)run(*used, {.input_ids = rows_of(3, 12), .use_cache = true}, Probe(&shown));
  const PastKeyValues past = past_of(shown, 12);
  used->reserve(3, 12, 40);
  OwnedCall embeds = first_call(3, 12);
  embeds.inputs_embeds = embeddings_of(embeds.input_ids);
  embeds.input_ids.clear();
  EXPECT_EQ(taken_by(*used, embeds), nothing);
  for (const std::size_t tokens : {1U, 12U}) {
    OwnedCall given = first_call(3, tokens);
    given.past_key_values = &past;
    EXPECT_EQ(taken_by(*used, given), nothing);
    EXPECT_EQ(taken_by(*used, next_call(3, tokens)), nothing);
  }
  EXPECT_EQ(taken_by(*used, {.input_ids = rows_of(3, 12), .logits_positions = {4}}), nothing);
  if (GetParam().packs_by_position) return;
  for (const std::vector<std::int64_t>& lengths : {std::vector<std::int64_t>{5, 7}, std::vector<std::int64_t>(12, 1)}) {
    EXPECT_EQ(taken_by(*used, {.input_ids = rows_of(1, 12), .packed = packed_sequences(lengths), .logits_to_keep = 1}),
              nothing);
  }
}

/// What is made only for those who look is not made for others.
TEST_P(ReservedEngine, AllocatesNothingForHiddenStatesThatNobodySees) {
  wake_threads(2);
  const std::unique_ptr<Engine> used = engine({.threads = 2});
  used->reserve(3, 12, 40);
  OwnedCall call = first_call(3, 12);
  call.output_hidden_states = true;
  call.output_router_logits = common(config()).num_local_experts > 0;
  EXPECT_EQ(taken_by(*used, call), nothing);
}

TEST(ReservedDynamicRope, AllocatesNothingWhereItsFrequenciesGrow) {
  const Config config = parse_config(with(granite_moe_text(), R"("max_position_embeddings": 8,
          "rope_parameters": {"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 3.0})"),
                                     "config.json");
  const MadeUpWeights made_up(config);
  const Weights weights = made_up.weights();
  const std::unique_ptr<Engine> used = optimized::make_engine(config, weights, {});
  used->reserve(1, 6, 20);
  EXPECT_EQ(taken_by(*used, first_call(1, 6)), nothing);
  for (std::size_t token = 6; token < 20; ++token) ASSERT_EQ(taken_by(*used, next_call(1, 1)), nothing) << token;
}

/// So this test can fail.
TEST_P(ReservedEngine, AllocatesWhereItReservedTooLittle) {
  const std::unique_ptr<Engine> used = engine();
  EXPECT_NE(taken_by(*used, first_call(1, 12)).pages, 0U) << "nothing was reserved";
  EXPECT_EQ(taken_by(*used, first_call(1, 12)), nothing) << "the second prompt finds the memory of the first";
  used->reserve(1, 4, 12);
  EXPECT_NE(taken_by(*used, first_call(1, 300)).pages, 0U);
}

TEST(HeapAllocations, AreCounted) {
  const std::size_t before = heap_allocations();
  const auto one = std::make_unique<int>(1);
  const std::vector<int> two(3, *one);
  EXPECT_EQ(heap_allocations(), before + 2);
}

/// With keys that move to the front of the buffer again and again.
TEST(ReservedEngineOfAWindow, AllocatesNothingFarBeyondTheWindow) {
  const Config config = parse_config(with(phimoe_text(), R"("sliding_window": 9)"), "config.json");
  const MadeUpWeights made_up(config);
  const Weights weights = made_up.weights();
  const std::unique_ptr<Engine> used = optimized::make_engine(config, weights, {});
  used->reserve(2, 20, 200);
  EXPECT_EQ(taken_by(*used, first_call(2, 20)), nothing);
  for (std::size_t token = 20; token < 200; ++token) ASSERT_EQ(taken_by(*used, next_call(2, 1)), nothing) << token;
}

}  // namespace
}  // namespace assay::test
