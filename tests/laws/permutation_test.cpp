// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A model whose units stand in another order is the same model. What is added in another order then is equal up to
// rounding (class reassociated), what is not is equal to the bit (class bitwise). No golden is needed, and no other
// engine.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "reference/engine.hpp"
#include "tests/laws/every_engine.hpp"
#include "tests/laws/permuted_weights.hpp"

namespace assay::test {
namespace {

const Rows two_rows{{3, 91, 40, 3, 17, 60, 8}, {72, 5, 33, 12, 96, 0, 54}};

/// A prefill and two calls that go on with its cache.
std::vector<double> logits_of(Engine& engine, const Rows& rows) {
  std::vector<double> all;
  std::size_t first = 0;
  for (const std::size_t count : {4U, 1U, 2U}) {
    const OwnedCall call{.input_ids = columns_of(rows, first, count), .use_cache = true, .continues = first > 0};
    const std::vector<double> logits = run(engine, call);
    all.insert(all.end(), logits.begin(), logits.end());
    first += count;
  }
  return all;
}

class PermutationLaw : public EveryEngineTest {
 protected:
  [[nodiscard]] std::vector<double> plain() const { return logits_of(*engine(made_up().weights()), two_rows); }
  /// Whether there is anything to permute: a dense model has no experts, three architectures have no Mamba2.
  [[nodiscard]] bool has(Permuted kind) const { return PermutedWeights(config(), made_up(), kind).changed() > 0; }
  [[nodiscard]] std::vector<double> permuted(Permuted kind) const {
    const PermutedWeights weights(config(), made_up(), kind);
    EXPECT_GT(weights.changed(), 0U) << "nothing was permuted";
    return logits_of(*engine(weights.weights()), two_rows);
  }
};

INSTANTIATE_TEST_SUITE_P(Of, PermutationLaw, every_engine_on(small_models()), name_of_engine);

TEST_P(PermutationLaw, ExpertsInAnotherOrderGiveTheSameLogits) {
  if (!has(Permuted::experts)) return;
  if (is_reference()) {
    EXPECT_EQ(permuted(Permuted::experts), plain()) << "class bitwise: slots are added from the best down";
  } else {
    expect_close(permuted(Permuted::experts), plain(), reassociated());
  }
}

TEST_P(PermutationLaw, AttentionHeadsInAnotherOrderGiveTheSameLogitsButForRounding) {
  expect_close(permuted(Permuted::attention_heads), plain(), reassociated());
}

TEST_P(PermutationLaw, MambaHeadsInAnotherOrderGiveTheSameLogitsButForRounding) {
  if (!has(Permuted::mamba_heads)) return;
  expect_close(permuted(Permuted::mamba_heads), plain(), reassociated());
}

TEST_P(PermutationLaw, RowsOfABatchInAnotherOrderGiveTheSameRows) {
  const OwnedCall call{.input_ids = two_rows};
  const OwnedCall swapped{.input_ids = {two_rows[1], two_rows[0]}};
  const std::vector<double> rows = run(*engine(made_up().weights()), call);
  const std::vector<double> others = run(*engine(made_up().weights()), swapped);
  for (std::size_t row = 0; row < 2; ++row) {
    const auto expected = tokens_of(rows, call, row, 0, 7);
    const auto actual = tokens_of(others, swapped, 1 - row, 0, 7);
    if (is_reference()) {
      EXPECT_EQ(actual, expected) << "class bitwise";
    } else {
      expect_close(actual, expected, reassociated());
    }
  }
}

TEST(PermutedWeights, MoveWhatEachModelHas) {
  for (const SmallModel& model : small_models()) {
    const Config config = parse_config(model.config_text, "config.json");
    const MadeUpWeights plain(config);
    const auto changed = [&](Permuted kind) { return PermutedWeights(config, plain, kind).changed(); };
    EXPECT_EQ(changed(Permuted::experts) > 0, common(config).num_local_experts > 0) << model.name;
    EXPECT_GT(changed(Permuted::attention_heads), 0U) << model.name;
    EXPECT_EQ(changed(Permuted::mamba_heads) > 0, std::holds_alternative<GraniteMoeHybridConfig>(config)) << model.name;
  }
}

TEST_P(PermutationLaw, PackedSequencesEqualSeparateRuns) {
  OwnedCall packed{.input_ids = {two_rows[0]}, .position_ids = {{0, 1, 2, 0, 1, 2, 3}}};
  if (std::holds_alternative<GraniteMoeHybridConfig>(config())) packed.packed = packed_sequences({3, 4});
  const auto weights = made_up().weights();
  const std::vector<double> logits = run(*engine(weights), packed);
  const auto first = run(*engine(weights), {.input_ids = columns_of({two_rows[0]}, 0, 3)});
  const auto second = run(*engine(weights), {.input_ids = columns_of({two_rows[0]}, 3, 4)});
  expect_close(tokens_of(logits, packed, 0, 0, 3), first, reassociated());
  expect_close(tokens_of(logits, packed, 0, 3, 4), second, reassociated());
}

}  // namespace
}  // namespace assay::test
