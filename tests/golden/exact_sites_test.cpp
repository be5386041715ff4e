// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Goldens without a rounding: a float32 engine must have the very numbers, bit for bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "golden/judge/examiner.hpp"
#include "tests/support/engine_doubles.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

using golden::CaseResult;
using golden::GoldenFile;
using golden::SiteResult;
using golden::Verdict;

float next_up(double value) {
  return std::nextafter(static_cast<float>(value), std::numeric_limits<float>::infinity());
}

/// Moves the largest element of one site of the last call by one unit in its last place.
Meddling one_bit_at(const ProbePoint& point, std::size_t call) {
  return {.before =
              [=](const Moment& moment, MutableSiteValue& value) {
                if (moment.call.value != call || !(moment.point == point)) return;
                const std::vector<double> before = floats(value);
                const auto largest = std::ranges::max_element(before, {}, [](double x) { return std::abs(x); });
                set_float(value, static_cast<std::size_t>(largest - before.begin()), next_up(*largest));
              },
          .after = {}};
}

CaseResult replayed(const GoldenFile& golden, Meddling meddling, Precision precision = Precision::f32) {
  ReplayEngine engine(golden, precision, std::move(meddling));
  return judged(golden, engine);
}

class ExactGolden : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Of, ExactGolden,
                         testing::Values("granitemoe_exact", "granitemoeshared_exact", "granitemoehybrid_exact",
                                         "phimoe_exact"),
                         [](const auto& of_case) { return std::string(of_case.param); });

TEST_P(ExactGolden, IsExactAtEverySiteThatIsComputedInFloatingPoint) {
  const GoldenFile golden(committed_golden(GetParam()));
  for (const golden::RecordedCall& call : golden.calls()) {
    for (const PlannedSite& site : call.sites) {
      const SiteKind kind = info(site.point.site).kind;
      const bool computed = kind == SiteKind::value || kind == SiteKind::state;
      EXPECT_EQ(golden.is_exact(site.point.site), computed && golden.records(site.point.site)) << name(site.point.site);
    }
  }
}

TEST_P(ExactGolden, OneBitMoreFailsInFloat32AtWhateverSiteItIs) {
  const GoldenFile golden(committed_golden(GetParam()));
  const std::size_t last = golden.calls().size() - 1;
  for (const PlannedSite& site : golden.calls()[last].sites) {
    if (!golden.is_exact(site.point.site)) continue;
    const CaseResult result = replayed(golden, one_bit_at(site.point, last));
    ASSERT_TRUE(result.first_divergence) << name(site.point.site);
    const SiteResult& first = result.first_divergence->site;
    EXPECT_EQ(first.site, site.point.site);
    EXPECT_EQ(first.layer, site.point.layer);
    EXPECT_EQ(first.metrics.differing, 1U);
    EXPECT_EQ(first.note, golden::bitwise);
    EXPECT_EQ(sites_of(result, Verdict::fail).size(), 1U);
  }
}

TEST_P(ExactGolden, ItsOwnValuesPassToTheLastDigitAndNeedNoNoise) {
  const GoldenFile golden(committed_golden(GetParam()));
  const CaseResult result = replayed(golden, {});
  EXPECT_EQ(result.verdict, Verdict::pass);
  for (const SiteResult& site : result.sites) {
    if (!golden.is_exact(site.site)) continue;
    EXPECT_EQ(site.verdict, Verdict::pass);
    EXPECT_EQ(site.limit_max_abs, 0.0);
    EXPECT_EQ(site.limit_rel_l2, 0.0);
    EXPECT_TRUE(site.ratios.empty());
    EXPECT_EQ(site.digits, 17.0);
    EXPECT_EQ(site.note, golden::bitwise);
  }
}

TEST(ExactSites, MinusZeroIsZero) {
  const GoldenFile golden(committed_golden("granitemoe_exact"));
  std::size_t zeros = 0;
  const CaseResult result = replayed(golden, {.before =
                                                  [&](const Moment& moment, MutableSiteValue& value) {
                                                    if (!moment.is(Site::expert_act, 0)) return;
                                                    const std::vector<double> before = floats(value);
                                                    for (std::size_t i = 0; i < before.size(); ++i) {
                                                      if (before[i] != 0.0) continue;
                                                      set_float(value, i, -0.0);
                                                      ++zeros;
                                                    }
                                                  },
                                              .after = {}});
  EXPECT_GT(zeros, 0U);
  EXPECT_EQ(result.verdict, Verdict::pass) << divergence_of(result);
}

TEST(ExactSites, AFloat64EngineMayRoundAsEverywhere) {
  const GoldenFile golden(committed_golden("granitemoe_exact"));
  const auto off_by = [&](double relative) {
    return replayed(golden,
                    {.before =
                         [=](const Moment& moment, MutableSiteValue& value) {
                           if (moment.is(Site::moe_out, 1)) set_float(value, 30, floats(value)[30] * (1 + relative));
                         },
                     .after = {}},
                    Precision::f64);
  };
  EXPECT_EQ(off_by(1e-15).verdict, Verdict::pass);
  EXPECT_EQ(off_by(1e-3).verdict, Verdict::fail);
}

TEST(ExactSites, WhatTheGoldenDoesNotCallExactMayBeOffByARounding) {
  GoldenCopy copy("granitemoe_exact");
  copy.attribute("/", "exact", "logits");
  const GoldenFile golden(copy.path());
  const ProbePoint norm{Site::final_norm_out, std::nullopt};
  EXPECT_EQ(replayed(golden, one_bit_at(norm, 0)).verdict, Verdict::pass);
  const ProbePoint logits{Site::logits, std::nullopt};
  EXPECT_EQ(divergence_of(replayed(golden, one_bit_at(logits, 0))), "call 0 logits");
}

TEST(ExactSites, OfTwoExpertsWithEqualLogitsAPhimoeMustTakeTheFirst) {
  const GoldenFile golden(committed_golden("phimoe_exact"));  // every token has twins among its experts
  std::size_t swapped = 0;
  const CaseResult result = replayed(golden, {.before =
                                                  [&](const Moment& moment, MutableSiteValue& value) {
                                                    if (moment.call.value != 0 || !moment.is(Site::router_experts, 0))
                                                      return;
                                                    const ProbePoint of_weights{Site::router_weights, LayerIndex{0}};
                                                    const auto weights =
                                                        golden.values(CallIndex{0}, golden::Values::truth, of_weights);
                                                    const std::span<std::int64_t> experts = experts_of(value);
                                                    for (std::size_t i = 0; i < experts.size(); i += 2) {
                                                      if (weights[i] != 0.5) continue;
                                                      std::swap(experts[i], experts[i + 1]);
                                                      ++swapped;
                                                    }
                                                  },
                                              .after = {}});
  EXPECT_GT(swapped, 0U);
  EXPECT_EQ(divergence_of(result), "call 0 layer 0 router_experts");
  EXPECT_EQ(result.tied_tokens, 0U);
  EXPECT_EQ(result.decisions.size(), swapped);
}

TEST(ExactSites, ANameThatIsNoComputedSiteIsRefused) {
  GoldenCopy copy("granitemoe_exact");
  for (const auto& [names, found] : {std::pair("logit", "names of sites, found \"logit\""),
                                     std::pair("logits, router_experts",
                                               "sites that are computed in floating point, "
                                               "found router_experts"),
                                     std::pair("rope_inv_freq",
                                               "sites that are computed in floating point, "
                                               "found rope_inv_freq")}) {
    copy.attribute("/", "exact", names);
    const std::string message = error_of([&] { GoldenFile golden(copy.path()); });
    EXPECT_EQ(message, copy.file() + ": attribute exact: expected " + found);
  }
}

}  // namespace
}  // namespace assay::test
