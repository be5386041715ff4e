// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What an engine shows while it computes, and that it goes on with what it is given back.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "model/site_plan.hpp"
#include "tests/reference/small_model_fixture.hpp"
#include "tests/support/disturber.hpp"

namespace assay::test {
namespace {

class Sites : public SmallModelTest {
 protected:
  /// Runs the call and compares what it shows with the plan.
  void expect_planned(Engine& engine, const OwnedCall& call, std::size_t past) const {
    Recorder recorder;
    const std::vector<double> logits = run(engine, call, Probe(&recorder));
    const std::vector<PlannedSite> plan =
        plan_sites(config(), {.batch = call.input_ids.size(),
                              .tokens = call.input_ids.front().size(),
                              .past = past,
                              .position_rows = std::max<std::size_t>(1, call.position_ids.size()),
                              .use_cache = call.use_cache,
                              .kept_logits = call.logits_to_keep});
    ASSERT_EQ(recorder.seen().size(), plan.size());
    for (std::size_t i = 0; i < plan.size(); ++i) {
      EXPECT_EQ(recorder.seen()[i].point, plan[i].point) << "number " << i << ", " << to_string(plan[i].point);
      EXPECT_EQ(recorder.seen()[i].shape, plan[i].shape) << to_string(plan[i].point);
      EXPECT_EQ(recorder.seen()[i].values.size(), elements(plan[i].shape)) << to_string(plan[i].point);
    }
    EXPECT_EQ(recorder.seen().back().values, logits) << "the last site is what the call returns";
  }
};

INSTANTIATE_TEST_SUITE_P(Reference, Sites,
                         testing::Combine(testing::ValuesIn(small_models()),
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
