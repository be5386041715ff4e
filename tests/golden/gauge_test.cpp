// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Element by element: a right engine stays far below 16 u G at every element of every site, and one wrong element,
// which no norm sees, is found.
#include "golden/judge/gauge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "golden/judge/examination.hpp"
#include "model/config/manifest.hpp"
#include "reference/engine.hpp"
#include "tests/support/engine_doubles.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

using golden::GoldenFile;
using golden::Measure;
using golden::Mode;
using golden::SiteResult;
using golden::Verdict;

constexpr double u = 0x1p-24;

/// A golden, its model, and its gauges.
class Judged {
 public:
  explicit Judged(std::string_view case_name, const std::set<Site>& fused = {})
      : file(committed_golden(case_name)),
        source_(file),
        weights_(resolve_weights(file.config(), source_)),
        gauges(file, *reference::make_gauge_engine(file.config(), weights_), fused) {}

  /// The float32 engine, injected; with or without gauges.
  [[nodiscard]] golden::CaseResult run(const Meddling& meddling, bool with_gauges,
                                       golden::Rows rows = golden::Rows::all) const {
    const std::unique_ptr<Engine> plain = reference::make_engine(file.config(), weights_, Precision::f32);
    MeddledEngine engine(*plain, meddling);
    golden::ExamOptions options;
    options.precision = Precision::f32;
    options.mode = Mode::injected;
    options.rows = rows;
    if (with_gauges) options.gauges = &gauges;
    return golden::examine(file, engine, options, "assay verify " + file.file(), {});
  }

  /// Adds to one element of a site as the judge gets to see it.
  [[nodiscard]] static Meddling add(Site site, std::size_t layer, std::size_t index, double error) {
    return {.before =
                [=](const Moment& moment, MutableSiteValue& value) {
                  if (moment.call.value != 0 || !moment.is(site, layer)) return;
                  set_float(value, index, floats(value)[index] + error);
                },
            .after = {}};
  }

  GoldenFile file;

 private:
  golden::EmbeddedWeights source_;
  Weights weights_;

 public:
  golden::GaugeRecord gauges;
};

const golden::NoiseRatio* gauge_ratio(const SiteResult& site) {
  const auto found = std::ranges::find(site.ratios, Measure::gauge, &golden::NoiseRatio::measure);
  return found == site.ratios.end() ? nullptr : &*found;
}

const SiteResult& site_in(const golden::CaseResult& result, Site site, std::size_t layer) {
  const auto found = std::ranges::find_if(result.sites, [&](const SiteResult& one) {
    return one.call.value == 0 && one.site == site && one.layer == LayerIndex{layer};
  });
  if (found == result.sites.end()) throw std::logic_error("test: no such site");
  return *found;
}

class Gauges : public testing::TestWithParam<std::string> {};

TEST_P(Gauges, HoldEachElementOfARightEngineWithRoom) {
  const Judged judged(GetParam());
  const golden::CaseResult result = judged.run({}, true);
  std::size_t held = 0;
  for (const SiteResult& site : result.sites) {
    const SiteKind kind = info(site.site).kind;
    const bool has_gauge =
        (kind == SiteKind::value || kind == SiteKind::state) && site.site != Site::loss && site.site != Site::aux_loss;
    const golden::NoiseRatio* ratio = gauge_ratio(site);
    ASSERT_EQ(ratio != nullptr, has_gauge) << name(site.site);
    if (ratio == nullptr) continue;
    EXPECT_LT(ratio->value, 8.0) << name(site.site) << ", " << site.note;
    EXPECT_EQ(ratio->gate, 16.0);
    if (ratio->value > 0.0) ++held;
  }
  EXPECT_GT(held, 10U);
  EXPECT_EQ(sites_of(result, Verdict::fail), std::vector<std::string>());
}

INSTANTIATE_TEST_SUITE_P(Of, Gauges,
                         testing::Values("granitemoe_left_pad", "granitemoehybrid_cache", "granitemoehybrid_tuples",
                                         "granitemoeshared_ragged", "phimoe_bias", "phimoe_window_given_cache"),
                         [](const auto& of_case) { return of_case.param; });

TEST(Gauge, FindsOneElementThatNoNormSees) {
  const Judged judged("granitemoe_prefill");
  const std::span<const float> gauges = judged.gauges.of(CallIndex{0}, {Site::moe_out, LayerIndex{1}});
  // The element that rounding may move least.
  const auto least = static_cast<std::size_t>(std::ranges::min_element(gauges) - gauges.begin());
  const Meddling wrong = Judged::add(Site::moe_out, 1, least, 40.0 * u * static_cast<double>(gauges[least]));

  const golden::CaseResult by_norms = judged.run(wrong, false);
  EXPECT_EQ(sites_of(by_norms, Verdict::fail), std::vector<std::string>());
  EXPECT_EQ(gauge_ratio(site_in(by_norms, Site::moe_out, 1)), nullptr);

  const golden::CaseResult by_element = judged.run(wrong, true);
  EXPECT_EQ(sites_of(by_element, Verdict::fail), std::vector<std::string>{"call 0 layer 1 moe_out"});
  const SiteResult& site = site_in(by_element, Site::moe_out, 1);
  EXPECT_NEAR(gauge_ratio(site)->value, 40.0, 4.0);
  EXPECT_EQ(gauge_ratio(site)->where, least);
  const std::string place = "element " + to_string(unravel(least, Shape{2, 6, 24}));
  EXPECT_NE(site.note.find(place), std::string::npos) << site.note;
  EXPECT_NE(site.note.find("u G of 16)"), std::string::npos) << site.note;
}

TEST(Gauge, WhatIsExactMayNotBeOffAtAll) {
  // The first query sees the first key alone: the others have a probability of 0, not of nearly 0.
  const Judged judged("granitemoe_prefill");
  EXPECT_EQ(judged.gauges.of(CallIndex{0}, {Site::attn_probs, LayerIndex{0}})[1], 0.0F);
  const golden::CaseResult wrong = judged.run(Judged::add(Site::attn_probs, 0, 1, 1e-20), true);
  EXPECT_EQ(sites_of(wrong, Verdict::fail), std::vector<std::string>{"call 0 layer 0 attn_probs"});
  EXPECT_TRUE(std::isinf(gauge_ratio(site_in(wrong, Site::attn_probs, 0))->value));
  const golden::CaseResult underflow = judged.run(Judged::add(Site::attn_probs, 0, 1, 1e-40), true);
  EXPECT_EQ(sites_of(underflow, Verdict::fail), std::vector<std::string>());
}

TEST(Gauge, ANotANumberIsBeyondEveryBound) {
  const Judged judged("granitemoe_prefill");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const golden::CaseResult result = judged.run(Judged::add(Site::moe_out, 1, 5, nan), true);
  EXPECT_TRUE(std::isinf(gauge_ratio(site_in(result, Site::moe_out, 1))->value));
  EXPECT_EQ(gauge_ratio(site_in(result, Site::moe_out, 1))->where, 5U);
}

TEST(Gauge, APaddedElementIsNotHeldWhereOnlyRealRowsAre) {
  // The first token of the first row is padding.
  const Judged judged("granitemoe_left_pad");
  const Meddling wrong = Judged::add(Site::moe_out, 0, 3, 1e-3);
  EXPECT_GT(gauge_ratio(site_in(judged.run(wrong, true), Site::moe_out, 0))->value, 16.0);
  const golden::CaseResult real = judged.run(wrong, true, golden::Rows::real);
  EXPECT_LT(gauge_ratio(site_in(real, Site::moe_out, 0))->value, 8.0);
  EXPECT_EQ(sites_of(real, Verdict::fail), std::vector<std::string>());
}

TEST(Gauge, OfAFusedPieceIsThatOfAllThatIsInIt) {
  const Judged whole("granitemoe_prefill");
  const Judged fused("granitemoe_prefill", {Site::attn_scores, Site::attn_probs});
  const ProbePoint scores{Site::attn_scores, LayerIndex{0}};
  EXPECT_FALSE(whole.gauges.of(CallIndex{0}, scores).empty());
  EXPECT_TRUE(fused.gauges.of(CallIndex{0}, scores).empty());
  const ProbePoint out{Site::attn_out, LayerIndex{0}};
  const std::span<const float> plain = whole.gauges.of(CallIndex{0}, out);
  const std::span<const float> wide = fused.gauges.of(CallIndex{0}, out);
  ASSERT_EQ(plain.size(), wide.size());
  for (std::size_t i = 0; i < plain.size(); ++i) EXPECT_GT(wide[i], 0.99F * plain[i]) << i;
  EXPECT_GT(std::ranges::max(wide), 1.5F * std::ranges::max(plain));
  // What stands behind has right inputs in both.
  const ProbePoint behind{Site::mixer_out, LayerIndex{0}};
  EXPECT_TRUE(std::ranges::equal(whole.gauges.of(CallIndex{0}, behind), fused.gauges.of(CallIndex{0}, behind)));
}

}  // namespace
}  // namespace assay::test
