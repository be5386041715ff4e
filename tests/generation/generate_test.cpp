// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The loop, over an engine that says beforehand what it will answer.
#include "generation/generate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/support/config_text.hpp"
#include "tests/support/error_of.hpp"

namespace assay::generation {
namespace {

using test::error_of;
using Ids = std::vector<std::int64_t>;

constexpr std::size_t vocab_size = 97;

Config model() { return parse_config(test::granite_moe_text(), "config.json"); }

/// Answers step n with the tokens of column n, and remembers what it was asked.
class ScriptedEngine : public Engine {
 public:
  explicit ScriptedEngine(std::vector<Ids> columns) : columns_(std::move(columns)) {}

  struct Asked {
    Ids ids;
    bool use_cache = false;
    bool continues = false;
    bool operator==(const Asked&) const = default;
  };

  [[nodiscard]] std::string_view engine_name() const override { return "scripted"; }
  [[nodiscard]] Precision precision() const override { return Precision::f32; }
  void reserve(std::size_t batch, std::size_t tokens, std::size_t cache_tokens) override {
    reserved = {batch, tokens, cache_tokens};
  }
  void reset() override { calls.clear(); }
  SiteValue forward(const Call& call, const Probe&) override {
    const auto ids = call.input_ids.flat();
    calls.push_back({{ids.begin(), ids.end()}, call.use_cache, call.continues});
    EXPECT_EQ(call.logits_to_keep, 1U);
    masks.emplace_back();
    if (call.attention_mask)
      masks.back().assign(call.attention_mask->flat().begin(), call.attention_mask->flat().end());
    const Ids& column = columns_.at(calls.size() - 1);
    logits_.assign(column.size() * vocab_size, 0.0F);
    for (std::size_t b = 0; b < column.size(); ++b) {
      logits_[b * vocab_size + static_cast<std::size_t>(column[b])] = 10.0F;
    }
    if (spoil) logits_.back() = std::numeric_limits<float>::quiet_NaN();
    return {std::span<const float>(logits_), {column.size(), 1, vocab_size}};
  }

  Shape reserved;
  std::vector<Asked> calls;
  std::vector<Ids> masks;
  bool spoil = false;

 private:
  std::vector<Ids> columns_;
  std::vector<float> logits_;
};

Plan plan_of(const std::vector<Ids>& prompts, std::size_t max_new_tokens, const Ids& eos = {}) {
  Plan plan;
  plan.prompts = left_pad(prompts, 96);
  plan.max_new_tokens = max_new_tokens;
  plan.eos_token_id = eos;
  plan.pad_token_id = 96;
  return plan;
}

TEST(Generate, APrefillAndThenATokenAtATime) {
  ScriptedEngine engine({{3}, {4}, {5}});
  const Plan plan = plan_of({{9, 8, 7}}, 3);
  reserve(engine, model(), plan);
  std::vector<std::size_t> progress;
  Listeners listeners;
  listeners.progress = [&](std::size_t steps) { progress.push_back(steps); };
  const Generation generation = generate(engine, model(), plan, listeners);
  EXPECT_EQ(engine.reserved, (Shape{1, 3, 6}));
  EXPECT_EQ(engine.calls,
            (std::vector<ScriptedEngine::Asked>{{{9, 8, 7}, true, false}, {{3}, true, true}, {{4}, true, true}}));
  EXPECT_EQ(generation.rows[0].ids, (Ids{3, 4, 5}));
  EXPECT_EQ(generation.rows[0].made, 3U);
  EXPECT_FALSE(generation.rows[0].stopped);
  EXPECT_EQ(generation.decode_step_seconds.size(), 2U);
  EXPECT_EQ(progress, (std::vector<std::size_t>{1, 2, 3}));
}

TEST(Generate, AllOverAgainWhereTheModelCannotHaveACache) {
  const Config config = parse_config(test::with(test::phimoe_text(), R"("sliding_window": 1)"), "config.json");
  ScriptedEngine engine({{3}, {4}, {5}});
  const Plan plan = plan_of({{9, 8}}, 3);
  reserve(engine, config, plan);
  const Generation generation = generate(engine, config, plan);
  EXPECT_EQ(engine.reserved, (Shape{1, 5, 0}));
  EXPECT_EQ(engine.calls, (std::vector<ScriptedEngine::Asked>{
                              {{9, 8}, false, false}, {{9, 8, 3}, false, false}, {{9, 8, 3, 4}, false, false}}));
  EXPECT_EQ(generation.rows[0].ids, (Ids{3, 4, 5}));
}

TEST(Generate, UpToAnyOfTheEndsOfText) {
  ScriptedEngine engine({{3}, {4}, {5}, {6}});
  const Generation generation = generate(engine, model(), plan_of({{9}}, 4, {90, 5}));
  EXPECT_EQ(generation.rows[0].ids, (Ids{3, 4, 5})) << "the end of text is part of it, as in transformers";
  EXPECT_TRUE(generation.rows[0].stopped);
}

TEST(Generate, FillsUpRowsThatHaveEndedUntilTheLastHas) {
  ScriptedEngine engine({{3, 5, 7}, {4, 4, 5}, {5, 4, 4}, {8, 8, 8}});
  const Generation generation = generate(engine, model(), plan_of({{9, 9}, {9}, {9, 9}}, 4, {5}));
  EXPECT_EQ(generation.steps(), 3U);
  EXPECT_EQ(generation.rows[0].ids, (Ids{3, 4, 5}));
  EXPECT_EQ(generation.rows[1].ids, (Ids{5, 96, 96}));
  EXPECT_EQ(generation.rows[2].ids, (Ids{7, 5, 96}));
  EXPECT_EQ(generation.rows[1].made, 1U);
  EXPECT_EQ(generation.rows[2].made, 2U);
  EXPECT_EQ(engine.calls[2].ids, (Ids{4, 96, 5})) << "the pads are fed back";
  EXPECT_EQ(engine.masks[2], (Ids{1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1})) << "and seen";
}

// PhimoeForCausalLM.prepare_inputs_for_generation of transformers 5.23.0
TEST(Generate, ComputesEverythingAgainWhereThePhimoeRopeSwitches) {
  const std::string rope = R"("rope_scaling": {"type": "yarn", "factor": 2.0, "short_mscale": 1.0, "long_mscale": 1.2,
                              "original_max_position_embeddings": 4})";
  const Config config = parse_config(test::with(test::phimoe_text(), rope), "config.json");
  ScriptedEngine engine({{1}, {2}, {3}, {4}});
  const Plan plan = plan_of({{9, 8, 7}}, 4);
  reserve(engine, config, plan);
  (void)generate(engine, config, plan);
  EXPECT_EQ(engine.reserved, (Shape{1, 5, 7}));
  EXPECT_EQ(engine.calls,
            (std::vector<ScriptedEngine::Asked>{
                {{9, 8, 7}, true, false}, {{1}, true, true}, {{9, 8, 7, 1, 2}, true, false}, {{3}, true, true}}));
  ScriptedEngine beyond({{1}, {2}});
  (void)generate(beyond, config, plan_of({{9, 8, 7, 6, 5}}, 2));
  EXPECT_EQ(beyond.calls[1].ids, (Ids{1})) << "a prompt that is longer was computed so from the first";
}

TEST(Generate, DrawsByStepAndRow) {
  ScriptedEngine engine({{3, 4}, {5, 6}});
  Plan plan = plan_of({{9}, {9}}, 2);
  // Of the scripted token and 96 others of weight 1: e^10 of e^10 + 96, nearly 1.
  plan.decoding.sampling = Sampling{.top_k = 1000};
  const std::vector<double> uniform{0.5, 0.0, 0.999999, 0.5};
  const GivenDraws draws(View<const double, 2>(uniform.data(), {2, 2}));
  plan.draws = &draws;
  std::vector<double> sums;
  Listeners listeners;
  listeners.chosen = [&](const Chosen& chosen) {
    const auto probabilities = std::get<std::span<const float>>(chosen.probabilities);
    double sum = 0;
    for (const float p : probabilities) sum += static_cast<double>(p);
    sums.push_back(sum);
    EXPECT_EQ(std::get<std::span<const float>>(chosen.logits).size(), vocab_size);
  };
  const Generation generation = generate(engine, model(), plan, listeners);
  EXPECT_EQ(generation.rows[0].ids, (Ids{3, 96}));
  EXPECT_EQ(generation.rows[1].ids, (Ids{0, 6}));
  ASSERT_EQ(sums.size(), 4U);
  for (const double sum : sums) EXPECT_NEAR(sum, 1.0, 1e-5);
}

TEST(Generate, PenalisesThePromptButNotItsPads) {
  // Token 7 of the prompt and 96, the pad, are equally likely; the penalty leaves the pad.
  class Even : public ScriptedEngine {
   public:
    Even() : ScriptedEngine(std::vector<Ids>{{7, 7}}) {}
    SiteValue forward(const Call& call, const Probe& probe) override {
      const SiteValue value = ScriptedEngine::forward(call, probe);
      const auto from = std::get<std::span<const float>>(value.values);
      even.assign(from.begin(), from.end());
      even[96] = even[vocab_size + 96] = 10.0F;
      return {std::span<const float>(even), value.shape};
    }
    std::vector<float> even;
  } engine;
  Plan plan = plan_of({{7}, {8, 9}}, 1);
  plan.decoding.repetition_penalty = 2;
  const Generation generation = generate(engine, model(), plan);
  EXPECT_EQ(generation.rows[0].ids, (Ids{96}));
  EXPECT_EQ(generation.rows[1].ids, (Ids{7}));
}

TEST(Generate, RefusesAPlanThatCannotBe) {
  const auto refusal = [](const Plan& plan) {
    ScriptedEngine engine({{3, 3}, {3, 3}});
    return error_of([&] { (void)generate(engine, model(), plan); });
  };
  EXPECT_EQ(refusal(plan_of({{1}}, 0)), "max_new_tokens: expected 1 or more, found 0");
  EXPECT_EQ(refusal({}), "prompts: expected at least one token, found none");
  Plan plan = plan_of({{1}, {2}}, 2, {5});
  plan.pad_token_id.reset();
  EXPECT_EQ(refusal(plan), "pad_token_id: expected an id, as eos_token_id is given, found none");
  plan.pad_token_id = 97;
  EXPECT_EQ(refusal(plan), "pad_token_id: expected 0 to 96 (vocab_size 97) in a batch, found 97");
  plan = plan_of({{1}, {2}}, 2);
  plan.decoding.sampling = Sampling{};
  EXPECT_EQ(refusal(plan), "sampling: expected draws, found none");
}

TEST(Generate, RefusesAModelWithoutALanguageHead) {
  ScriptedEngine engine({{3}, {4}});
  const Config bare =
      parse_config(test::with(test::granite_moe_text(), R"("architectures": ["GraniteMoeModel"])"), "c");
  EXPECT_EQ(error_of([&] { (void)generate(engine, bare, plan_of({{1}}, 1)); }),
            "architectures: expected a ForCausalLM to generate with, found a Model");
}

TEST(Generate, RefusesALogitThatIsNotANumber) {
  ScriptedEngine engine(std::vector<Ids>{{3}});
  engine.spoil = true;
  EXPECT_EQ(error_of([&] { (void)generate(engine, model(), plan_of({{1}}, 1)); }),
            "logits: token 96: expected a number, found NaN");
}

TEST(CanCache, NotWithoutAttentionLayersNorWithAWindowOfOne) {
  EXPECT_TRUE(can_cache(parse_config(test::granite_moe_text(), "config.json")));
  EXPECT_TRUE(can_cache(parse_config(test::granite_moe_hybrid_text(), "config.json")));
  EXPECT_TRUE(can_cache(parse_config(test::with(test::phimoe_text(), R"("sliding_window": 2)"), "config.json")));
  EXPECT_FALSE(can_cache(parse_config(test::with(test::phimoe_text(), R"("sliding_window": 1)"), "config.json")));
}

}  // namespace
}  // namespace assay::generation
