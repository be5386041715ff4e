// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the optimized engine shows while it computes: all that it provides, and that it goes on with what it is given
// back.
#include "model/site_plan.hpp"
#include "tests/optimized/small_engine.hpp"
#include "tests/support/disturber.hpp"

namespace assay::test {
namespace {

class OptimizedSites : public SmallEngineTest {
 protected:
  /// Where a call shows what it returns.
  [[nodiscard]] Site returned_site() const {
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

  /// Runs the call and compares what it shows with those sites of the plan that the engine provides.
  void expect_provided(Engine& engine, const OwnedCall& call, std::size_t past) const {
    Recorder recorder;
    const std::vector<double> logits = run(engine, call, Probe(&recorder));
    const LaidOutCall laid_out(call);
    std::vector<PlannedSite> plan = plan_sites(config(), geometry_of(laid_out.call(), {laid_out.call().batch(), past}));
    std::erase_if(plan, [&](const PlannedSite& planned) { return !engine.provides(planned.point.site); });
    ASSERT_EQ(recorder.seen().size(), plan.size());
    for (std::size_t i = 0; i < plan.size(); ++i) {
      EXPECT_EQ(recorder.seen()[i].point, plan[i].point) << "number " << i << ", " << to_string(plan[i].point);
      EXPECT_EQ(recorder.seen()[i].shape, plan[i].shape) << to_string(plan[i].point);
      EXPECT_EQ(recorder.seen()[i].values.size(), elements(plan[i].shape)) << to_string(plan[i].point);
    }
    EXPECT_EQ(recorder.at(returned_site()).values, logits);
  }
};

INSTANTIATE_TEST_SUITE_P(Of, OptimizedSites, testing::ValuesIn(small_models()), name_of);

TEST_P(OptimizedSites, AreThePlannedOnesThatItProvidesInOrderAndShape) {
  const std::unique_ptr<Engine> used = engine({.threads = 2});
  const Rows three{{3, 91, 40}, {72, 5, 33}};
  expect_provided(*used, {.input_ids = three}, 0);
  expect_provided(*used, {.input_ids = three, .position_ids = {{0, 1, 2}, {4, 5, 6}}}, 0);
  // A window of three keeps two keys: not full after one token, cropped after six, read cropped from then on.
  expect_provided(*used, {.input_ids = {{7}, {8}}, .use_cache = true}, 0);
  const Rows five{{3, 91, 40, 2, 1}, {72, 5, 33, 2, 1}};
  expect_provided(*used, {.input_ids = five, .use_cache = true, .continues = true}, 1);
  expect_provided(*used, {.input_ids = {{1}, {2}}, .use_cache = true, .continues = true}, 6);
  expect_provided(*used, {.input_ids = three, .use_cache = true, .continues = true}, 7);
  expect_provided(*used, {.input_ids = {{3, 91, 40, 17, 5, 6}}, .logits_to_keep = 2}, 0);
}

TEST_P(OptimizedSites, AreThePlannedOnesOfEveryInputAndOutput) {
  const std::unique_ptr<Engine> used = engine({.threads = 2});
  const Rows five{{3, 91, 40, 2, 1}, {72, 5, 33, 2, 1}};
  const bool has_experts = common(config()).num_local_experts > 0;
  Recorder shown;
  (void)run(*used, {.inputs_embeds = embeddings_of(five), .use_cache = true}, Probe(&shown));
  const PastKeyValues past = past_of(shown, 5);
  expect_provided(*used, {.inputs_embeds = embeddings_of(five), .output_hidden_states = true}, 0);
  expect_provided(*used, {.input_ids = {{1}, {2}}, .use_cache = true, .past_key_values = &past}, 5);
  expect_provided(*used, {.input_ids = five, .use_cache = true, .past_key_values = &past}, 5);
  expect_provided(*used, {.input_ids = five, .logits_positions = {-1, 0}, .output_attentions = true}, 0);
  expect_provided(*used,
                  {.input_ids = five,
                   .labels = five,
                   .output_hidden_states = true,
                   .output_attentions = true,
                   .output_router_logits = has_experts},
                  0);
  if (has_experts) {
    expect_provided(*used, {.input_ids = five, .logits_to_keep = 1, .output_router_logits = true}, 0);
  }
  if (!GetParam().packs_by_position) {
    expect_provided(*used, {.input_ids = {{3, 91, 40, 2, 1}}, .packed = packed_sequences({2, 3})}, 0);
  }
}

TEST_P(OptimizedSites, AreAllButThoseThatAreNeverInMemory) {
  std::vector<Site> missing;
  for (const SiteInfo& site : all_sites()) {
    if (!engine()->provides(site.site)) missing.push_back(site.site);
  }
  EXPECT_EQ(to_string(missing), "attn_visible, attn_scores, attn_probs, expert_gate_up, shared_gate_up, attentions");
}

class OptimizedHeadSites : public OptimizedSites {};

INSTANTIATE_TEST_SUITE_P(Of, OptimizedHeadSites, testing::ValuesIn(models_of_other_heads()), name_of);

TEST_P(OptimizedHeadSites, AreThePlannedOnes) {
  const std::unique_ptr<Engine> used = engine({.threads = 2});
  const Rows three{{3, 91, 40}, {72, 5, 33}};
  expect_provided(*used, {.input_ids = three, .use_cache = true, .output_hidden_states = true}, 0);
  expect_provided(*used, {.input_ids = {{1}, {2}}, .use_cache = true, .continues = true}, 3);
  if (common(config()).head == Head::sequence_classification) {
    expect_provided(*used, {.input_ids = three, .labels = {{1}, {2}}}, 0);
  }
}

TEST_P(OptimizedSites, AreReadBackByWhatFollows) {
  const OwnedCall prefill{.input_ids = {{3, 91, 40, 17}}, .use_cache = true};
  const OwnedCall next{.input_ids = {{2}}, .use_cache = true, .continues = true};
  // By the paths of many tokens, of a few, and of one.
  for (const std::size_t tokens : {6U, 3U, 1U}) {
    const OwnedCall continuation{
        .input_ids = columns_of({{8, 60, 5, 33, 72, 9}}, 0, tokens), .use_cache = true, .continues = true};
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
      // The weights of a sparsemixer may be 1 either way.
      if (tokens == 1 && point.site == Site::router_logits) continue;
      SCOPED_TRACE(testing::Message() << to_string(point) << ", " << tokens << " tokens");
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
}

}  // namespace
}  // namespace assay::test
