// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What an engine shows while it computes, and that it goes on with what it is given back.
#include <gtest/gtest.h>

#include <utility>

#include "model/site_plan.hpp"
#include "tests/reference/small_model_fixture.hpp"
#include "tests/support/config_text.hpp"
#include "tests/support/disturber.hpp"

namespace assay::test {
namespace {

class Sites : public SmallModelTest {
 protected:
  /// The site of what a call returns.
  [[nodiscard]] Site returned() const {
    switch (common(config()).head) {
      case Head::causal_lm:
        return Site::logits;
      case Head::none:
        return Site::final_norm_out;
      case Head::sequence_classification:
        return Site::pooled_logits;
    }
    return Site::logits;
  }

  /// Runs the call and compares what it shows with the plan.
  void expect_planned(Engine& engine, const OwnedCall& call, std::size_t past) const {
    Recorder recorder;
    const std::vector<double> output = run(engine, call, Probe(&recorder));
    const std::vector<PlannedSite> plan =
        plan_sites(config(), geometry_of(LaidOutCall(call).call(), {call.input_ids.size(), past}));
    ASSERT_EQ(recorder.seen().size(), plan.size());
    for (std::size_t i = 0; i < plan.size(); ++i) {
      EXPECT_EQ(recorder.seen()[i].point, plan[i].point) << "number " << i << ", " << to_string(plan[i].point);
      EXPECT_EQ(recorder.seen()[i].shape, plan[i].shape) << to_string(plan[i].point);
      EXPECT_EQ(recorder.seen()[i].values.size(), elements(plan[i].shape)) << to_string(plan[i].point);
    }
    EXPECT_EQ(recorder.at(returned()).values, output);
  }
};

INSTANTIATE_TEST_SUITE_P(Reference, Sites,
                         testing::Combine(testing::ValuesIn(small_models()),
                                          testing::Values(Precision::f32, Precision::f64)),
                         name_of);

class SitesOfOtherHeads : public Sites {};
INSTANTIATE_TEST_SUITE_P(Reference, SitesOfOtherHeads,
                         testing::Combine(testing::ValuesIn(models_of_other_heads()),
                                          testing::Values(Precision::f32, Precision::f64)),
                         name_of);

TEST_P(Sites, AreThePlannedOnesInOrderAndShape) {
  const std::unique_ptr<Engine> used = engine();
  const Rows three{{3, 91, 40}, {72, 5, 33}};
  expect_planned(*used, {.input_ids = three}, 0);
  expect_planned(*used, {.input_ids = three, .position_ids = {{0, 1, 2}, {4, 5, 6}}}, 0);
  // A window of three keeps two keys: not full after one token, cropped after five, read cropped from then on.
  expect_planned(*used, {.input_ids = {{7}, {8}}, .use_cache = true}, 0);
  const Rows four{{3, 91, 40, 2}, {72, 5, 33, 2}};
  expect_planned(*used, {.input_ids = four, .use_cache = true, .continues = true}, 1);
  expect_planned(*used, {.input_ids = {{1}, {2}}, .use_cache = true, .continues = true}, 5);
  expect_planned(*used, {.input_ids = three, .use_cache = true, .continues = true}, 6);
  expect_planned(*used, {.input_ids = three, .logits_to_keep = 2}, 0);
}

TEST_P(Sites, HaveTheOutputsThatTheCallerAsksFor) {
  const std::unique_ptr<Engine> used = engine();
  const Rows three{{3, 91, 40}, {72, 5, 33}};
  const bool experts = common(config()).num_local_experts > 0;
  expect_planned(*used, {.input_ids = three, .output_hidden_states = true}, 0);
  expect_planned(*used, {.input_ids = three, .output_attentions = true}, 0);
  expect_planned(*used, {.input_ids = three, .labels = three}, 0);
  expect_planned(*used, {.input_ids = three, .logits_positions = {-1, 0}}, 0);
  if (experts) expect_planned(*used, {.input_ids = three, .output_router_logits = true}, 0);
  OwnedCall all{.input_ids = three,
                .use_cache = true,
                .labels = three,
                .output_hidden_states = true,
                .output_attentions = true,
                .output_router_logits = experts};
  expect_planned(*used, all, 0);
  all.continues = true;
  expect_planned(*used, all, 3);
}

TEST_P(SitesOfOtherHeads, AreThePlannedOnesInOrderAndShape) {
  const std::unique_ptr<Engine> used = engine();
  OwnedCall call{.input_ids = {{3, 91, 40}, {72, 5, 33}},
                 .use_cache = true,
                 .output_hidden_states = true,
                 .output_attentions = true};
  if (returned() == Site::pooled_logits) call.labels = {{2}, {0}};
  expect_planned(*used, call, 0);
  call.continues = true;
  expect_planned(*used, call, 3);
}

TEST(SitesOfAHybrid, HaveNoAttentionsWithoutAttentionLayers) {
  const Config config =
      parse_config(with(granite_moe_hybrid_text(), R"("layer_types": ["mamba", "mamba", "mamba"])"), "config.json");
  const MadeUpWeights made_up(config);
  const Weights weights = made_up.weights();
  const OwnedCall call{.input_ids = {{3, 91}}, .output_attentions = true};
  Recorder recorder;
  (void)run(*reference::make_engine(config, weights, Precision::f64), call, Probe(&recorder));
  const std::vector<PlannedSite> plan = plan_sites(config, geometry_of(LaidOutCall(call).call(), {}));
  ASSERT_EQ(recorder.seen().size(), plan.size());
  for (std::size_t i = 0; i < plan.size(); ++i) {
    EXPECT_EQ(recorder.seen()[i].point, plan[i].point);
    EXPECT_NE(plan[i].point.site, Site::attentions);
  }
}

TEST_P(Sites, AreReadBackByWhatFollows) {
  const OwnedCall prefill{.input_ids = {{3, 91, 40, 17}}, .use_cache = true};
  const OwnedCall continuation{.input_ids = {{8, 60, 5}}, .use_cache = true, .continues = true};
  const OwnedCall next{.input_ids = {{2}}, .use_cache = true, .continues = true};
  struct Outcome {
    std::vector<Seen> seen;
    std::vector<double> logits;
    std::vector<double> next_logits;
  };
  const auto outcome = [&](Injector* injector) {
    const std::unique_ptr<Engine> used = engine();
    Recorder recorder;
    (void)run(*used, prefill);
    std::vector<double> logits = run(*used, continuation, Probe(&recorder, injector));
    return Outcome{recorder.seen(), std::move(logits), run(*used, next)};
  };
  const Outcome undisturbed = outcome(nullptr);
  for (std::size_t i = 0; i < undisturbed.seen.size(); ++i) {
    const ProbePoint point = undisturbed.seen[i].point;
    if (point.layer && point.layer->value == 2) continue;  // its kinds of site are those of the layers before
    SCOPED_TRACE(to_string(point));
    Disturber disturber(point, common(config()).num_local_experts);
    const Outcome disturbed = outcome(&disturber);
    EXPECT_EQ(disturber.times(), 1);
    for (std::size_t before = 0; before <= i; ++before) {
      ASSERT_EQ(disturbed.seen[before].values, undisturbed.seen[before].values) << "shown before it was replaced";
    }
    if (info(point.site).kind == SiteKind::state) {
      EXPECT_EQ(disturbed.logits, undisturbed.logits) << "a state is for the next call";
      EXPECT_NE(disturbed.next_logits, undisturbed.next_logits);
    } else {
      EXPECT_NE(disturbed.logits, undisturbed.logits);
    }
  }
}

TEST_P(Sites, AreReadBackByTheOutputs) {
  const std::vector<std::pair<Site, Site>> readers{{Site::embed_out, Site::hidden_states},
                                                   {Site::final_norm_out, Site::hidden_states},
                                                   {Site::logits, Site::loss},
                                                   {Site::aux_loss, Site::loss}};
  const bool experts = common(config()).num_local_experts > 0;
  const OwnedCall call{.input_ids = {{3, 91, 40, 17}},
                       .labels = {{3, 91, 40, 17}},
                       .output_hidden_states = true,
                       .output_attentions = true,
                       .output_router_logits = experts};
  Recorder undisturbed;
  (void)run(*engine(), call, Probe(&undisturbed));
  for (const auto& [site, reader] : readers) {
    if (site == Site::aux_loss && !experts) continue;
    Disturber disturber({site, std::nullopt}, 9);
    Recorder recorder;
    (void)run(*engine(), call, Probe(&recorder, &disturber));
    EXPECT_EQ(disturber.times(), 1);
    EXPECT_NE(recorder.at(reader).values, undisturbed.at(reader).values) << name(site);
  }
  // The attentions are those that weigh the values; the balance is that of the logits that choose the experts.
  Disturber of_probs({Site::attn_probs, LayerIndex{1}}, 9);
  Recorder recorder;
  (void)run(*engine(), call, Probe(&recorder, &of_probs));
  EXPECT_NE(recorder.at(Site::attentions).values, undisturbed.at(Site::attentions).values);
  if (!experts) return;
  Disturber of_router({Site::router_logits, LayerIndex{2}}, 9);
  Recorder routed;
  (void)run(*engine(), call, Probe(&routed, &of_router));
  EXPECT_NE(routed.at(Site::aux_loss).values, undisturbed.at(Site::aux_loss).values);
}

TEST_P(Sites, HaveAProbabilityForEachVisibleKeyOnly) {
  Recorder recorder;
  (void)run(*engine(), {.input_ids = {{3, 91, 40, 17}}, .attention_mask = {{0, 1, 1, 1}}}, Probe(&recorder));
  for (const Seen& probs : recorder.seen()) {
    if (probs.point.site != Site::attn_probs) continue;
    const std::size_t heads = probs.shape[1];
    for (std::size_t head = 0; head < heads; ++head) {
      const double* const rows = probs.values.data() + head * 16;
      // The padding token sees nothing: uniform over all keys, the future included.
      for (std::size_t key = 0; key < 4; ++key) EXPECT_EQ(rows[key], 0.25);
      for (std::size_t query = 1; query < 4; ++query) {
        double sum = 0;
        for (std::size_t key = 0; key < 4; ++key) {
          sum += rows[query * 4 + key];
          if (key == 0 || key > query) {
            EXPECT_EQ(rows[query * 4 + key], 0) << "query " << query << ", key " << key;
          }
        }
        EXPECT_NEAR(sum, 1, 1e-6);
      }
    }
  }
}

}  // namespace
}  // namespace assay::test
