// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/engine.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "model/error.hpp"
#include "tests/reference/small_model_fixture.hpp"
#include "tests/support/config_text.hpp"
#include "tests/support/error_of.hpp"

namespace assay::test {
namespace {

/// A valid config of which no frequency can be made.
constexpr const char* divided_by_zero =
    R"("rope_parameters": {"rope_type": "linear", "rope_theta": 10000.0, "factor": 0})";

TEST(MakeEngine, RefusesFrequenciesThatAreNotNumbers) {
  const Config config = parse_config(with(granite_moe_text(), divided_by_zero), "config.json");
  const MadeUpWeights made_up(config);
  EXPECT_EQ(error_of([&] { (void)reference::make_engine(config, made_up.weights(), Precision::f32); }),
            "rope type linear: inverse frequency 0: expected a finite number, found inf");
}

TEST(MakeEngine, AsksForNoFrequenciesWhereNothingRotates) {
  const Config config = parse_config(with(granite_moe_hybrid_text(), divided_by_zero), "config.json");
  const MadeUpWeights made_up(config);
  EXPECT_NE(reference::make_engine(config, made_up.weights(), Precision::f32), nullptr);
}

TEST(MakeEngine, ComputesAMixtureOfNoExpertsAsZero) {
  const char* const none = R"("num_local_experts": 0, "num_experts_per_tok": 0)";
  for (const std::string& text :
       {granite_moe_text(), with(granite_moe_shared_text(), R"("shared_intermediate_size": 0)")}) {
    const Config config = parse_config(with(text, none), "config.json");
    const MadeUpWeights made_up(config);
    Recorder recorder;
    (void)run(*reference::make_engine(config, made_up.weights(), Precision::f64), {.input_ids = {{3, 91, 40}}},
              Probe(&recorder));
    const LayerIndex first{0};
    EXPECT_EQ(recorder.at(Site::layer_out, first).values, recorder.at(Site::resid_mid, first).values);
  }
}

class Refusal : public SmallModelTest {
 protected:
  static std::string error_in(Engine& engine, const OwnedCall& call) {
    return error_of([&] { (void)run(engine, call); });
  }
};

INSTANTIATE_TEST_SUITE_P(Reference, Refusal,
                         testing::Combine(testing::ValuesIn(small_models()),
                                          testing::Values(Precision::f32, Precision::f64)),
                         name_of);

const OwnedCall prefill{.input_ids = {{3, 91, 40}, {72, 5, 33}}, .use_cache = true};
const OwnedCall next{.input_ids = {{1}, {2}}, .use_cache = true, .continues = true};

TEST_P(Refusal, OfIdsOutsideTheVocabulary) {
  EXPECT_EQ(error_in(*engine(), {.input_ids = {{0, 96}, {1, 97}}}),
            "reference engine: input_ids[1, 1]: expected 0 to 96 (vocab_size 97), found 97");
  EXPECT_EQ(error_in(*engine(), {.input_ids = {{-1}}}),
            "reference engine: input_ids[0, 0]: expected 0 to 96 (vocab_size 97), found -1");
}

TEST_P(Refusal, ToContinueWithoutACache) {
  const std::string none = "reference engine: expected a cache to continue, found none";
  const std::unique_ptr<Engine> used = engine();
  EXPECT_EQ(error_in(*used, next), none);
  (void)run(*used, {.input_ids = prefill.input_ids});
  EXPECT_EQ(error_in(*used, next), none) << "a call without use_cache leaves no cache";
  (void)run(*used, prefill);
  (void)run(*used, {.input_ids = prefill.input_ids});
  EXPECT_EQ(error_in(*used, next), none) << "not even that of the call before";
  (void)run(*used, prefill);
  used->reset();
  EXPECT_EQ(error_in(*used, next), none);
}

TEST_P(Refusal, ToContinueAnotherBatch) {
  const std::unique_ptr<Engine> used = engine();
  (void)run(*used, prefill);
  EXPECT_EQ(error_in(*used, {.input_ids = {{1}}, .use_cache = true, .continues = true}),
            "reference engine: input_ids: expected batch 2 as in the cache, found 1");
}

TEST_P(Refusal, ToContinueAndNotKeep) {
  const std::unique_ptr<Engine> used = engine();
  (void)run(*used, prefill);
  EXPECT_EQ(error_in(*used, {.input_ids = {{1}, {2}}, .continues = true}),
            "reference engine: expected use_cache 1 in a call that continues a cache, found 0");
}

TEST_P(Refusal, ToKeepMoreLogitsThanTokens) {
  EXPECT_EQ(error_in(*engine(), {.input_ids = {{3, 91, 40}}, .logits_to_keep = 4}),
            "reference engine: logits_to_keep: expected up to 3 (the tokens of the call), found 4");
}

TEST_P(Refusal, LeavesTheCacheAsItWas) {
  const std::unique_ptr<Engine> used = engine();
  (void)run(*used, prefill);
  const std::vector<double> expected = run(*used, next);
  (void)run(*used, prefill);
  (void)error_in(*used, {.input_ids = {{97}, {0}}, .use_cache = true, .continues = true});
  (void)error_in(*used, {.input_ids = {{97}, {0}}});
  EXPECT_EQ(run(*used, next), expected);
}

/// Gives up at a layer, as a dump on a full disk does.
class Thrower final : public Observer {
 public:
  void observe(const ProbePoint& point, const SiteValue&) override {
    if (point.layer && point.layer->value == 1) throw Error("disk full");
  }
};

TEST_P(Refusal, ToContinueACallThatBrokeOff) {
  const std::unique_ptr<Engine> used = engine();
  (void)run(*used, prefill);
  Thrower thrower;
  EXPECT_EQ(error_of([&] { (void)run(*used, next, Probe(&thrower)); }), "disk full");
  EXPECT_EQ(error_in(*used, next), "reference engine: expected a cache to continue, found none");
  EXPECT_EQ(run(*used, prefill), run(*engine(), prefill));
}

}  // namespace
}  // namespace assay::test
