// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The five readings of the triangle, each made by engines that are wrong on purpose.
#include "golden/judge/triangle.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "reference/engine.hpp"
#include "tests/support/engine_doubles.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

using golden::CaseResult;
using golden::GoldenFile;
using golden::Leg;
using golden::Mode;
using golden::Reading;
using golden::Selection;
using golden::Triangle;
using golden::Values;
using golden::Verdict;

CaseResult examined(const GoldenFile& golden, Engine& engine, golden::JudgeListener& listener, Mode mode,
                    const Selection& selection) {
  golden::ExamOptions options;
  options.precision = Precision::f32;
  options.mode = mode;
  options.selection = selection;
  options.listener = &listener;
  return golden::examine(golden, engine, options, "assay verify", {});
}

Triangle triangle(const GoldenFile& golden, Engine& reference, Engine& optimized, Mode mode = Mode::free,
                  const Selection& selection = {}) {
  golden::ValueRecord record;
  const CaseResult first = examined(golden, reference, record, mode, selection);
  golden::DirectComparison between(record);
  const CaseResult second = examined(golden, optimized, between, mode, selection);
  return golden::triangle_of(first, second, between.sites());
}

/// "ok bad bad: a bug in optimized"
std::string text_of(const Triangle& triangle) {
  return std::string(name(triangle.reference)) + " " + std::string(name(triangle.optimized)) + " " +
         std::string(name(triangle.between)) + ": " + std::string(name(triangle.reading));
}

/// "call 0 layer 1 q_proj", or "nothing": where the engines part.
std::string parting_of(const Triangle& triangle) {
  const golden::SiteResult* first = triangle.first_difference();
  if (first == nullptr) return "nothing";
  return "call " + std::to_string(first->call.value) + " " + to_string(ProbePoint{first->site, first->layer});
}

/// Adds to one element of a site in layer 1, and lets nobody else see it.
Meddling adding(Site site, double amount) {
  return {.before =
              [=](const Moment& moment, MutableSiteValue& value) {
                if (moment.is(site, 1)) set_float(value, 5, floats(value)[5] + amount);
              },
          .after = {}};
}

class Triangles : public testing::Test {
 protected:
  Triangle of(Meddling reference, Meddling optimized) const {
    ReplayEngine first(golden, Precision::f32, std::move(reference));
    ReplayEngine second(golden, Precision::f32, std::move(optimized));
    return triangle(golden, first, second);
  }

  GoldenFile golden{committed_golden("granitemoe_prefill")};
};

TEST_F(Triangles, AreHealthyWhereAllAgree) {
  const Triangle healthy = of({}, {});
  EXPECT_EQ(text_of(healthy), "ok ok ok: healthy");
  EXPECT_EQ(healthy.sites.size(), golden.calls()[0].sites.size());
  EXPECT_EQ(healthy.case_name, "granitemoe_prefill");
  EXPECT_FALSE(healthy.reference_divergence || healthy.optimized_divergence);
}

TEST_F(Triangles, BlameTheOptimizedEngineWhereItIsAlone) {
  const Triangle blamed = of({}, adding(Site::q_proj, 1.0));
  EXPECT_EQ(text_of(blamed), "ok bad bad: a bug in optimized");
  EXPECT_EQ(parting_of(blamed), "call 0 layer 1 q_proj");
  ASSERT_TRUE(blamed.optimized_divergence);
  EXPECT_EQ(blamed.optimized_divergence->site, Site::q_proj);
  EXPECT_FALSE(blamed.reference_divergence);
}

TEST_F(Triangles, BlameTheReferenceWhereItIsAlone) {
  const Triangle blamed = of(adding(Site::moe_out, 1.0), {});
  EXPECT_EQ(text_of(blamed), "bad ok bad: a bug in reference");
  EXPECT_EQ(parting_of(blamed), "call 0 layer 1 moe_out");
  const golden::Metrics& metrics = blamed.first_difference()->metrics;
  EXPECT_NEAR(metrics.expected - metrics.actual, 1.0, 1e-6) << "expected is the reference, actual the optimized one";
}

TEST_F(Triangles, BlameASharedNounWhereBothAreWrongAlike) {
  const Triangle blamed = of(adding(Site::q_proj, 1.0), adding(Site::q_proj, 1.0));
  EXPECT_EQ(text_of(blamed), "bad bad ok: a shared noun is wrong");
  EXPECT_EQ(parting_of(blamed), "nothing");
}

TEST_F(Triangles, SendToTheReferenceWhereEachIsWrongInItsOwnWay) {
  const Triangle blamed = of(adding(Site::v_proj, 1.0), adding(Site::q_proj, 1.0));
  EXPECT_EQ(text_of(blamed), "bad bad bad: open the first divergence of the reference first");
  EXPECT_EQ(blamed.reference_divergence->site, Site::v_proj);
  EXPECT_EQ(parting_of(blamed), "call 0 layer 1 q_proj");
}

TEST_F(Triangles, AllowTheEnginesToBeApartByBothLimits) {
  ReplayEngine exact(golden, Precision::f32);
  golden::ValueRecord record;
  const CaseResult result = examined(golden, exact, record, Mode::free, {.sites = "q_proj"});
  const double limit = result.sites[1].limit_max_abs;
  EXPECT_EQ(text_of(of(adding(Site::q_proj, -0.8 * limit), adding(Site::q_proj, 0.8 * limit))), "ok ok ok: healthy");
  EXPECT_EQ(text_of(of(adding(Site::q_proj, -0.8 * limit), adding(Site::q_proj, 1.5 * limit))),
            "ok bad bad: a bug in optimized");
  EXPECT_EQ(text_of(of(adding(Site::q_proj, 0.8 * limit), adding(Site::q_proj, 1.5 * limit))),
            "ok bad ok: a bug in optimized")
      << "within both limits of the reference, and still wrong";
}

TEST_F(Triangles, NeverHoldANan) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(text_of(of(adding(Site::q_proj, nan), adding(Site::q_proj, nan))),
            "bad bad bad: open the first divergence of the reference first");
}

TEST_F(Triangles, CompareOnlyWhatBothShow) {
  ReplayEngine reference(golden, Precision::f32);
  ReplayEngine optimized(golden, Precision::f32);
  optimized.fuse_away(Site::attn_probs);
  const Triangle fused = triangle(golden, reference, optimized);
  EXPECT_EQ(text_of(fused), "ok ok ok: healthy");
  EXPECT_EQ(fused.sites.size(), golden.calls()[0].sites.size() - common(golden.config()).num_hidden_layers);
  EXPECT_EQ(text_of(triangle(golden, reference, optimized, Mode::free, {.sites = "attn_probs"})), "ok - -: none");
}

TEST_F(Triangles, CompareOnlyWhatIsSelected) {
  ReplayEngine reference(golden, Precision::f32);
  ReplayEngine optimized(golden, Precision::f32, adding(Site::q_proj, 1.0));
  const Triangle selected = triangle(golden, reference, optimized, Mode::free, {.sites = "k_proj,router_experts"});
  EXPECT_EQ(text_of(selected), "ok ok ok: healthy");
  EXPECT_EQ(selected.sites.size(), 2 * common(golden.config()).num_hidden_layers);
}

TEST_F(Triangles, CallAMissingSiteAndAnInvalidRunWhatTheyAre) {
  ReplayEngine reference(golden, Precision::f32);
  ReplayEngine silent(golden, Precision::f32);
  silent.leave_out({Site::layer_out, LayerIndex{1}});
  EXPECT_EQ(text_of(triangle(golden, reference, silent)), "ok bad ok: a bug in optimized");
  CaseResult broken;
  broken.verdict = Verdict::invalid;
  EXPECT_EQ(text_of(golden::triangle_of(judged(golden, reference), broken, {})), "ok - -: none");
}

TEST_F(Triangles, AccuseTheJudgeOfTwoRightEnginesTooFarApart) {
  CaseResult right;
  right.verdict = Verdict::pass;
  golden::SiteResult apart;
  apart.verdict = Verdict::fail;
  EXPECT_EQ(text_of(golden::triangle_of(right, right, {apart})), "ok ok bad: a bug in the judge");
}

/// The engine of this build, with somebody at its probes, against a golden that was changed.
TEST(TriangleOfAGolden, ThatIsWrongItselfBlamesASharedNoun) {
  GoldenCopy copy("granitemoe_cache");
  copy.edit<double>("/calls/001/truth/layers/001/layer_out", [](auto& values) { values[2] += 0.5; });
  const GoldenFile golden(copy.path());
  const golden::EmbeddedWeights source(golden);
  const Weights weights = resolve_weights(golden.config(), source);
  for (const Mode mode : {Mode::free, Mode::injected}) {
    const auto reference = reference::make_engine(golden.config(), weights, Precision::f32);
    const auto optimized = reference::make_engine(golden.config(), weights, Precision::f32);
    EXPECT_EQ(text_of(triangle(golden, *reference, *optimized, mode)), "bad bad ok: a shared noun is wrong");
  }
}

TEST(TriangleOfAnEngine, ThatGoesWrongOnItsWayFindsTheSite) {
  const GoldenFile golden(committed_golden("granitemoehybrid_cache"));
  const golden::EmbeddedWeights source(golden);
  const Weights weights = resolve_weights(golden.config(), source);
  const auto reference = reference::make_engine(golden.config(), weights, Precision::f32);
  const auto engine = reference::make_engine(golden.config(), weights, Precision::f32);
  MeddledEngine optimized(*engine, {.before = {}, .after = [](const Moment& moment, MutableSiteValue& value) {
                                      if (moment.call.value == 1 && moment.is(Site::resid_mid, 1))
                                        set_float(value, 0, floats(value)[0] + 0.25);
                                    }});
  const Triangle blamed = triangle(golden, *reference, optimized);
  EXPECT_EQ(text_of(blamed), "ok bad bad: a bug in optimized");
  EXPECT_EQ(parting_of(blamed), "call 1 layer 1 ffn_norm_out") << "the first site behind the change";
}

// Routing.

/// Another expert in token 7 of layer 1.
Touch choosing(std::int64_t expert) {
  return [=](const Moment& moment, MutableSiteValue& value) {
    if (moment.is(Site::router_experts, 1)) experts_of(value)[7 * 3 + 1] = expert;
  };
}

TEST_F(Triangles, ComparesWrongRoutesWithEachOther) {
  const auto truth = golden.integers(CallIndex{0}, Values::truth, {Site::router_experts, LayerIndex{1}});
  std::vector<std::int64_t> others;
  for (std::int64_t expert = 0; expert < 8; ++expert) {
    if (std::ranges::count(std::span(truth).subspan(21, 3), expert) == 0) others.push_back(expert);
  }
  const auto of_routes = [&](Touch reference, Touch optimized) {
    return of({.before = std::move(reference), .after = {}}, {.before = std::move(optimized), .after = {}});
  };
  const Triangle alone = of_routes({}, choosing(others[0]));
  EXPECT_EQ(text_of(alone), "ok bad bad: a bug in optimized");
  EXPECT_EQ(parting_of(alone), "call 0 layer 1 router_experts");
  EXPECT_EQ(text_of(of_routes(choosing(others[0]), choosing(others[0]))), "bad bad ok: a shared noun is wrong");
  EXPECT_EQ(parting_of(of_routes(choosing(others[0]), choosing(others[1]))), "call 0 layer 1 router_experts");
  // The same wrong set in another order is the same wrong choice.
  const Touch turned = [&](const Moment& moment, MutableSiteValue& value) {
    choosing(others[0])(moment, value);
    if (moment.is(Site::router_experts, 1)) std::ranges::reverse(experts_of(value).subspan(21, 3));
  };
  const Triangle same_set = of_routes(choosing(others[0]), turned);
  const auto experts = std::ranges::find_if(same_set.sites, [](const golden::SiteResult& site) {
    return site.site == Site::router_experts && site.layer == LayerIndex{1};
  });
  EXPECT_EQ(experts->verdict, Verdict::pass);
}

TEST(TriangleOfATie, ExcusesItAsTheJudgeDoes) {
  constexpr std::size_t token = 4;
  GoldenCopy copy("granitemoe_prefill");
  const ProbePoint where{Site::router_logits, LayerIndex{1}};
  const auto logits = GoldenFile(copy.path()).values(CallIndex{0}, Values::truth, where);
  std::vector<std::size_t> ranked{0, 1, 2, 3, 4, 5, 6, 7};
  std::ranges::sort(ranked, std::greater<>(), [&](std::size_t e) { return logits[token * 8 + e]; });
  const std::string layer = "/layers/001/";
  const auto level = [&](auto& values) { values[token * 8 + ranked[3]] = values[token * 8 + ranked[2]]; };
  copy.edit<double>("/calls/000/truth" + layer + "router_logits", level);
  copy.edit<float>("/calls/000/hf32" + layer + "router_logits", level);
  copy.edit<double>("/calls/000/truth" + layer + "router_margin", [](auto& values) { values[token] = 0.0; });
  const GoldenFile golden(copy.path());
  ReplayEngine reference(golden, Precision::f32);
  ReplayEngine optimized(golden, Precision::f32,
                         {.before =
                              [&](const Moment& moment, MutableSiteValue& value) {
                                if (!moment.is(Site::router_experts, 1)) return;
                                const auto row = experts_of(value).subspan(token * 3, 3);
                                *std::ranges::find(row, static_cast<std::int64_t>(ranked[2])) =
                                    static_cast<std::int64_t>(ranked[3]);
                              },
                          .after = {}});
  ASSERT_EQ(judged(golden, optimized).verdict, Verdict::tie);
  EXPECT_EQ(text_of(triangle(golden, reference, optimized)), "ok ok ok: healthy");
}

}  // namespace
}  // namespace assay::test
