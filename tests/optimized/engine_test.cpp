// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/engine.hpp"

#include <sched.h>

#include "model/error.hpp"
#include "tests/optimized/small_engine.hpp"
#include "tests/support/config_text.hpp"
#include "tests/support/error_of.hpp"

namespace assay::test {
namespace {

using optimized::EngineOptions;
using optimized::WeightStorage;

TEST(OptimizedEngine, RefusesFrequenciesThatAreNotNumbersUnlessNothingRotates) {
  const char* const divided_by_zero =
      R"("rope_parameters": {"rope_type": "linear", "rope_theta": 10000.0, "factor": 0})";
  const Config config = parse_config(with(granite_moe_text(), divided_by_zero), "config.json");
  const MadeUpWeights made_up(config);
  const Weights weights = made_up.weights();
  EXPECT_EQ(error_of([&] { (void)optimized::make_engine(config, weights, {}); }),
            "rope type linear: inverse frequency 0: expected a finite number, found inf");
  const Config unrotated = parse_config(with(granite_moe_hybrid_text(), divided_by_zero), "config.json");
  const MadeUpWeights made_up_unrotated(unrotated);
  const Weights unrotated_weights = made_up_unrotated.weights();
  EXPECT_NE(optimized::make_engine(unrotated, unrotated_weights, {}), nullptr);
}

TEST(OptimizedEngine, ComputesAMixtureOfNoExpertsAsZero) {
  const char* const none = R"("num_local_experts": 0, "num_experts_per_tok": 0)";
  for (const std::string& text : {granite_moe_text(), granite_moe_shared_text(),
                                  with(granite_moe_shared_text(), R"("shared_intermediate_size": 0)")}) {
    const Config config = parse_config(with(text, none), "config.json");
    const MadeUpWeights made_up(config);
    const Weights weights = made_up.weights();
    const OwnedCall call{.input_ids = {{3, 91, 40}}};
    expect_close(run(*optimized::make_engine(config, weights, {}), call),
                 run(*reference::make_engine(config, weights, Precision::f64), call), tolerance);
  }
}

TEST(OptimizedEngine, HasAsManyThreadsAsTheProcessHasProcessors) {
  const std::size_t own = optimized::default_threads();
  EXPECT_GE(own, 1U);
  cpu_set_t before;
  CPU_ZERO(&before);
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  EXPECT_EQ(own, static_cast<std::size_t>(CPU_COUNT(&before)));
}

class OptimizedEngineRefuses : public SmallEngineTest {
 protected:
  static std::string error_in(Engine& engine, const OwnedCall& call) {
    return error_of([&] { (void)run(engine, call); });
  }
};

INSTANTIATE_TEST_SUITE_P(Of, OptimizedEngineRefuses, testing::ValuesIn(small_models()), name_of);

const OwnedCall prefill{.input_ids = {{3, 91, 40}, {72, 5, 33}}, .use_cache = true};
const OwnedCall next{.input_ids = {{1}, {2}}, .use_cache = true, .continues = true};
const std::string no_cache = "optimized engine: expected a cache to continue, found none";

TEST_P(OptimizedEngineRefuses, WeightsThatDoNotFitInMemory) {
  const auto refusal = [&](WeightStorage storage, std::size_t available) {
    return error_of([&] { (void)engine({.weights = storage, .available_bytes = available}); });
  };
  const std::string reference = "fewer layers, or --engine reference, which leaves the weights in their file";
  EXPECT_EQ(refusal(WeightStorage::f32, 1000),
            "optimized engine: expected 0.00 GiB for the packed f32 weights, found 0.00 GiB available; take --weights "
            "bf16, " +
                reference);
  EXPECT_EQ(
      refusal(WeightStorage::bf16, 1000),
      "optimized engine: expected 0.00 GiB for the packed bf16 weights, found 0.00 GiB available; take " + reference);
}

TEST_P(OptimizedEngineRefuses, NoWeightsThatFit) {
  // The padding of panels and what else an engine needs apart, the packed weights are what is asked for.
  const std::size_t packed = engine()->memory().weights;
  EXPECT_GT(packed, 100000U);
  EXPECT_NE(engine({.available_bytes = packed}), nullptr);
  EXPECT_NE(error_of([&] { (void)engine({.available_bytes = packed / 8}); }), "");
}

TEST_P(OptimizedEngineRefuses, WeightsThatBfloat16WouldRound) {
  const std::string error = error_of([&] { (void)engine({.weights = WeightStorage::bf16}); });
  EXPECT_EQ(error,
            "model.layers.0." +
                std::string(GetParam().name.starts_with("granitemoehybrid") ? "mamba.in_proj" : "self_attn.q_proj") +
                ".weight: expected weights that bfloat16 holds exactly, found f32 that it would round (made up)");
}

TEST_P(OptimizedEngineRefuses, ACacheThatDoesNotFitInMemory) {
  const std::unique_ptr<Engine> used = engine();
  constexpr std::size_t tokens = std::size_t{1} << 50;
  const auto* phimoe = std::get_if<PhimoeConfig>(&config());
  if (phimoe != nullptr && phimoe->sliding_window) {
    // Whatever the number of tokens, a window keeps few keys; the batch is what makes it too large.
    const std::string error = error_of([&] { used->reserve(tokens, 1, 12); });
    EXPECT_TRUE(error.starts_with("cache: expected ")) << error;
    return;
  }
  const std::string error = error_of([&] { used->reserve(1, 4, tokens); });
  // Keys and values of two heads in each attention layer, in float32.
  const TransformerConfig& fields = common(config());
  const std::size_t head_dim = fields.head_dim.value_or(fields.hidden_size / fields.num_attention_heads);
  const std::size_t layers = std::holds_alternative<GraniteMoeHybridConfig>(config()) ? 1 : 3;
  const std::string gibibytes = std::to_string(16 * head_dim * layers * (tokens >> 30U));
  EXPECT_TRUE(error.starts_with("cache: expected " + gibibytes + ".00 GiB for 1 x 1125899906842624 tokens, found "))
      << error;
  EXPECT_TRUE(error.ends_with(" GiB available")) << error;
  EXPECT_NO_THROW((void)run(*used, prefill)) << "the engine is as before";
}

TEST_P(OptimizedEngineRefuses, ToContinueWithoutACache) {
  const std::unique_ptr<Engine> used = engine();
  EXPECT_EQ(error_in(*used, next), no_cache);
  (void)run(*used, {.input_ids = prefill.input_ids});
  EXPECT_EQ(error_in(*used, next), no_cache) << "a call without use_cache leaves no cache";
  (void)run(*used, prefill);
  used->reset();
  EXPECT_EQ(error_in(*used, next), no_cache);
  (void)run(*used, prefill);
  used->reserve(2, 3, 10);
  EXPECT_EQ(error_in(*used, next), no_cache) << "reserve() empties the cache";
}

TEST_P(OptimizedEngineRefuses, WrongCallsAndKeepsItsCache) {
  const std::unique_ptr<Engine> used = engine();
  (void)run(*used, prefill);
  const std::vector<double> expected = run(*used, next);
  (void)run(*used, prefill);
  EXPECT_EQ(error_in(*used, {.input_ids = {{97}, {0}}, .use_cache = true, .continues = true}),
            "optimized engine: input_ids[0, 0]: expected 0 to 96 (vocab_size 97), found 97");
  EXPECT_EQ(error_in(*used, {.input_ids = {{1}}, .use_cache = true, .continues = true}),
            "optimized engine: input_ids: expected batch 2 as in the cache, found 1");
  EXPECT_EQ(run(*used, next), expected);
}

/// Gives up at a layer, as a dump on a full disk does.
class Thrower final : public Observer {
 public:
  void observe(const ProbePoint& point, const SiteValue&) override {
    if (point.layer && point.layer->value == 1) throw Error("disk full");
  }
};

TEST_P(OptimizedEngineRefuses, ToContinueACallThatBrokeOff) {
  const std::unique_ptr<Engine> used = engine();
  const std::vector<double> first = run(*used, prefill);
  const std::vector<double> second = run(*used, next);
  Thrower thrower;
  for (const OwnedCall& broken : {next, prefill}) {
    EXPECT_EQ(error_of([&] { (void)run(*used, broken, Probe(&thrower)); }), "disk full");
    EXPECT_EQ(error_in(*used, next), no_cache);
    EXPECT_EQ(run(*used, prefill), first) << "a fresh call is right";
    EXPECT_EQ(run(*used, next), second);
  }
}

}  // namespace
}  // namespace assay::test
