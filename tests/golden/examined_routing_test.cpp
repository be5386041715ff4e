// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Routing under the examiner: slots, ties and the witness without a truth.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "selftest/broken_model.hpp"
#include "tests/support/engine_doubles.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

using golden::CaseResult;
using golden::GoldenFile;
using golden::Values;
using golden::Verdict;
using selftest::BrokenModel;

constexpr std::size_t slots = 3;  // of granitemoe_prefill, E 8, T 12

/// In every token, slot s gets what slot `order[s]` had; whole rows of the sites behind the router alike.
Touch reorder_slots_of_layer(std::size_t layer, std::array<std::size_t, slots> order) {
  return [=](const Moment& moment, MutableSiteValue& value) {
    if (moment.point.layer != LayerIndex{layer}) return;
    if (!is_per_slot(moment.point.site) && !moment.is(Site::router_experts)) return;
    const std::vector<double> before = floats(value);
    const std::size_t width = before.size() / (value.shape[0] * slots);
    std::vector<double> after = before;
    for (std::size_t row = 0; row < value.shape[0] * slots; ++row) {
      const std::size_t from = row / slots * slots + order[row % slots];
      std::copy_n(before.begin() + static_cast<std::ptrdiff_t>(from * width), width,
                  after.begin() + static_cast<std::ptrdiff_t>(row * width));
    }
    set_floats(value, after);
  };
}

TEST(ExaminedRouting, TheSlotsOfGraniteMayComeInAnyOrder) {
  const GoldenFile golden(committed_golden("granitemoe_prefill"));
  for (const Precision precision : {Precision::f64, Precision::f32}) {
    ReplayEngine engine(golden, precision, {.before = reorder_slots_of_layer(1, {2, 0, 1}), .after = {}});
    const CaseResult result = judged(golden, engine);
    EXPECT_EQ(result.verdict, Verdict::pass) << divergence_of(result);
  }
}

TEST(ExaminedRouting, WeightsThatDoNotMoveWithTheirExpertsFail) {
  const GoldenFile golden(committed_golden("granitemoe_prefill"));
  const Touch reorder = reorder_slots_of_layer(1, {2, 0, 1});
  ReplayEngine engine(golden, Precision::f64,
                      {.before =
                           [=](const Moment& moment, MutableSiteValue& value) {
                             if (!moment.is(Site::router_weights)) reorder(moment, value);
                           },
                       .after = {}});
  const CaseResult result = judged(golden, engine);
  EXPECT_EQ(sites_of(result, Verdict::fail), std::vector<std::string>{"call 0 layer 1 router_weights"});
}

TEST(ExaminedRouting, AnotherExpertFailsAtItsTokenAndSlot) {
  const GoldenFile golden(committed_golden("granitemoe_prefill"));
  const auto truth = golden.integers(CallIndex{0}, Values::truth, {Site::router_experts, LayerIndex{1}});
  std::int64_t other = 0;
  while (std::ranges::count(std::span(truth).subspan(7 * slots, slots), other) > 0) ++other;
  ReplayEngine engine(golden, Precision::f64,
                      {.before =
                           [=](const Moment& moment, MutableSiteValue& value) {
                             if (moment.is(Site::router_experts, 1)) experts_of(value)[7 * slots + 1] = other;
                           },
                       .after = {}});
  const CaseResult result = judged(golden, engine);
  EXPECT_EQ(sites_of(result, Verdict::fail), std::vector<std::string>{"call 0 layer 1 router_experts"});
  const golden::Metrics& metrics = result.first_divergence->site.metrics;
  EXPECT_EQ(metrics.worst_index, (Shape{7, 1}));
  EXPECT_EQ(metrics.actual, static_cast<double>(other));
  EXPECT_EQ(metrics.expected, static_cast<double>(truth[7 * slots + 1]));
  EXPECT_EQ(metrics.differing, 1U);
}

/// A golden whose token 4 in layer 1 is a near tie between its last expert and the next.
class NearTie : public testing::Test {
 protected:
  static constexpr std::size_t token = 4;

  NearTie() {
    const std::string layer = "/calls/000/truth/layers/001/";
    const auto logits =
        GoldenFile(copy_.path()).values(CallIndex{0}, Values::truth, {Site::router_logits, LayerIndex{1}});
    std::vector<std::size_t> ranked(8);
    for (std::size_t e = 0; e < 8; ++e) ranked[e] = e;
    std::ranges::sort(ranked, std::greater<>(), [&](std::size_t e) { return logits[token * 8 + e]; });
    chosen_ = static_cast<std::int64_t>(ranked[2]);
    next_ = static_cast<std::int64_t>(ranked[3]);
    worst_ = static_cast<std::int64_t>(ranked[7]);
    copy_.edit<double>(layer + "router_logits",
                       [&](auto& values) { values[token * 8 + ranked[3]] = values[token * 8 + ranked[2]] - 1e-13; });
    copy_.edit<double>(layer + "router_margin", [&](auto& values) { values[token] = 1e-13; });
  }

  /// The engine takes `instead` where the golden has its last expert; counts what comes back of that token.
  CaseResult run(const GoldenFile& golden, std::int64_t instead) {
    const auto truth = golden.integers(CallIndex{0}, Values::truth, {Site::router_experts, LayerIndex{1}});
    ReplayEngine engine(golden, Precision::f64,
                        {.before =
                             [=, this](const Moment& moment, MutableSiteValue& value) {
                               if (!moment.is(Site::router_experts, 1)) return;
                               const auto row = experts_of(value).subspan(token * slots, slots);
                               *std::ranges::find(row, chosen_) = instead;
                             },
                         .after =
                             [=, this](const Moment& moment, MutableSiteValue& value) {
                               if (moment.is(Site::router_experts, 1))
                                 given_back_ = std::ranges::equal(experts_of(value), truth);
                             }});
    return judged(golden, engine);
  }

  GoldenCopy copy_{"granitemoe_prefill"};
  std::int64_t chosen_ = 0;
  std::int64_t next_ = 0;
  std::int64_t worst_ = 0;
  bool given_back_ = false;
};

TEST_F(NearTie, AnotherWayThroughANearTieIsATieAndTheEngineGoesOnWithTheGoldens) {
  const GoldenFile golden(copy_.path());
  const CaseResult result = run(golden, next_);
  EXPECT_EQ(result.verdict, Verdict::tie);
  EXPECT_EQ(sites_of(result, Verdict::tie), std::vector<std::string>{"call 0 layer 1 router_experts"});
  EXPECT_EQ(result.tied_tokens, 1U);
  EXPECT_TRUE(given_back_);
  EXPECT_EQ(golden::exit_code(result.verdict), 0);
}

TEST_F(NearTie, ANearTieExcusesNoExpertThatIsFarBehind) {
  const GoldenFile golden(copy_.path());
  const CaseResult result = run(golden, worst_);
  EXPECT_EQ(sites_of(result, Verdict::fail), std::vector<std::string>{"call 0 layer 1 router_experts"});
  EXPECT_FALSE(given_back_);
}

TEST_F(NearTie, AWideMarginExcusesNothing) {
  copy_.edit<double>("/calls/000/truth/layers/001/router_margin", [&](auto& values) { values[token] = 1e-9; });
  const GoldenFile golden(copy_.path());
  EXPECT_EQ(run(golden, next_).verdict, Verdict::fail);
}

/// PhiMoE's weights jump where a score crosses the border of its band.
/// Moves one expert that is not the best of a token to the border of the band below the best.
void put_on_first_band(std::vector<double>& logits, std::size_t token, std::size_t experts, double jitter) {
  const auto row = logits.begin() + static_cast<std::ptrdiff_t>(token * experts);
  const auto best = std::max_element(row, row + static_cast<std::ptrdiff_t>(experts));
  const auto moved = best == row ? row + 1 : row;
  // (best - s) / max(|s|, best) = 2 jitter
  *moved = *best > 0.0 ? *best * (1.0 - 2.0 * jitter) : *best / (1.0 - 2.0 * jitter);
}

TEST(ExaminedRouting, AJumpOfPhimoesWeightsIsATieOnlyWhereItsOwnBandSaysSo) {
  for (const auto& [slot, verdict] : {std::pair(0U, Verdict::tie), std::pair(1U, Verdict::fail)}) {
    GoldenCopy copy("phimoe_bias");
    const PhimoeConfig config = std::get<PhimoeConfig>(GoldenFile(copy.path()).config());
    copy.edit<double>("/calls/000/truth/layers/001/router_logits", [&](auto& logits) {
      put_on_first_band(logits, 3, config.num_local_experts, config.router_jitter_noise);
    });
    const GoldenFile golden(copy.path());
    bool given_back = false;
    const auto truth = golden.values(CallIndex{0}, Values::truth, {Site::router_weights, LayerIndex{1}});
    ReplayEngine engine(golden, Precision::f64,
                        {.before =
                             [&, slot = slot](const Moment& moment, MutableSiteValue& value) {
                               if (moment.is(Site::router_weights, 1)) set_float(value, 3 * 2 + slot, 0.123);
                             },
                         .after =
                             [&](const Moment& moment, MutableSiteValue& value) {
                               if (moment.is(Site::router_weights, 1)) given_back = floats(value) == truth;
                             }});
    const CaseResult result = judged(golden, engine);
    EXPECT_EQ(result.verdict, verdict);
    EXPECT_EQ(sites_of(result, verdict), std::vector<std::string>{"call 0 layer 1 router_weights"});
    EXPECT_EQ(given_back, verdict == Verdict::tie);
    if (verdict != Verdict::tie) continue;
    ASSERT_EQ(result.decisions.size(), 1U);
    EXPECT_EQ(result.decisions[0].rule, "first band");
    EXPECT_EQ(result.decisions[0].token, 3U);
    EXPECT_LE(result.decisions[0].margin, result.decisions[0].bound);
  }
}

TEST(ExaminedRouting, AJumpOfGranitesWeightsIsNeverATie) {
  GoldenCopy copy("granitemoe_prefill");
  copy.edit<double>("/calls/000/truth/layers/001/router_margin", [](auto& values) { std::ranges::fill(values, 0.0); });
  const GoldenFile golden(copy.path());
  ReplayEngine engine(golden, Precision::f64,
                      {.before =
                           [](const Moment& moment, MutableSiteValue& value) {
                             if (moment.is(Site::router_weights, 1)) set_float(value, 0, 0.123);
                           },
                       .after = {}});
  EXPECT_EQ(judged(golden, engine).verdict, Verdict::fail);
}

TEST(ExaminedRouting, WeightsMayMoveAsFarAsTheirLogitsMayMakeThem) {
  const GoldenFile golden(committed_golden("phimoe_prefill"));
  ReplayEngine engine(golden, Precision::f32, {});
  double logits = 0.0;
  std::size_t weights = 0;
  for (const golden::SiteResult& site : judged(golden, engine).sites) {
    if (site.site == Site::router_logits) logits = site.limit_max_abs;
    if (site.site != Site::router_weights) continue;
    EXPECT_GE(site.limit_max_abs, 0.5 * logits);
    EXPECT_GT(logits, 0.0);
    ++weights;
  }
  EXPECT_EQ(weights, 3U);
}

// A golden that was made without a truth.

class WithoutTruth : public testing::TestWithParam<std::string> {};

TEST_P(WithoutTruth, TheReferenceHoldsAgainstTransformersFloat32Run) {
  GoldenCopy copy(GetParam());
  copy.remove_truth();
  const GoldenFile golden(copy.path());
  EXPECT_FALSE(golden.has(Values::truth));
  BrokenModel model(golden);
  for (const Precision precision : {Precision::f64, Precision::f32}) {
    const CaseResult result = model.judged(precision);
    EXPECT_EQ(golden::exit_code(result.verdict), 0) << name(precision) << ": " << divergence_of(result);
    EXPECT_EQ(result.witness, golden::Witness::hf32);
  }
  // And it still judges.
  model.common_config().rms_norm_eps =
      4.0 * model.common_config().rms_norm_eps + 0.01;  // that of an exact model is 2^126
  EXPECT_EQ(model.judged(Precision::f64).verdict, Verdict::fail);
}

/// The goldens that hold every site show it; the others would show it of fewer.
std::vector<std::string> whole_cases() {
  std::vector<std::string> cases = committed_cases();
  std::erase_if(cases,
                [](const std::string& name) { return !GoldenFile(committed_golden(name)).not_recorded().empty(); });
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Golden, WithoutTruth, testing::ValuesIn(whole_cases()),
                         [](const auto& of_case) { return of_case.param; });

TEST(ExaminedWithoutTruth, TheErrorOfThePrecisionIsJudgedAgainstAFixedLimit) {
  GoldenCopy copy("granitemoe_prefill");
  copy.remove_truth();
  const GoldenFile golden(copy.path());
  const ProbePoint where{Site::logits, std::nullopt};
  const auto hf32 = golden.values(CallIndex{0}, Values::hf32, where);
  const double largest = std::abs(*std::ranges::max_element(hf32, {}, [](double x) { return std::abs(x); }));
  for (const auto& [factor, verdict] : {std::pair(0.8e-5, Verdict::pass), std::pair(1.1e-5, Verdict::fail)}) {
    ReplayEngine engine(golden, Precision::f64,
                        {.before =
                             [&](const Moment& moment, MutableSiteValue& value) {
                               if (moment.is(Site::logits)) set_float(value, 0, hf32[0] + factor * largest);
                             },
                         .after = {}});
    EXPECT_EQ(judged(golden, engine).verdict, verdict) << factor;
  }
}

}  // namespace
}  // namespace assay::test
