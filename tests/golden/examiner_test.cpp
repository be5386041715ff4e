// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Every verdict of the examiner, each produced by an engine that says what the golden says but for one thing.
#include "golden/judge/examiner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "golden/judge/metrics.hpp"
#include "tests/support/engine_doubles.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

using golden::CaseResult;
using golden::GoldenFile;
using golden::Mode;
using golden::SiteResult;
using golden::Values;
using golden::Verdict;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Changes the values of one site of one call before they are judged.
Meddling emit_at(std::size_t call, ProbePoint point, std::function<void(MutableSiteValue&)> change) {
  return {.before =
              [=](const Moment& moment, MutableSiteValue& value) {
                if (moment.call.value == call && moment.point == point) change(value);
              },
          .after = {}};
}

ProbePoint in_layer(std::size_t layer, Site site) { return {site, LayerIndex{layer}}; }

CaseResult run(const GoldenFile& golden, Meddling meddling, Precision precision = Precision::f64,
               Mode mode = Mode::free) {
  ReplayEngine engine(golden, precision, std::move(meddling));
  return judged(golden, engine, mode);
}

class Examined : public testing::Test {
 protected:
  GoldenFile granite{committed_golden("granitemoe_prefill")};  // 3 layers, B 2, L 6, E 8, k 3
  GoldenFile phimoe{committed_golden("phimoe_bias")};          // 2 layers, B 3, L 4, E 7
};

TEST_F(Examined, TheGoldensOwnValuesPassExactly) {
  for (const GoldenFile* golden : {&granite, &phimoe}) {
    const CaseResult result = run(*golden, {});
    EXPECT_EQ(result.verdict, Verdict::pass);
    EXPECT_EQ(divergence_of(result), "nothing");
    EXPECT_EQ(result.sites.size(), golden->calls()[0].sites.size());
    for (const SiteResult& site : result.sites) EXPECT_EQ(site.metrics.max_abs, 0.0) << name(site.site);
    EXPECT_EQ(result.tied_tokens, 0U);
  }
}

TEST_F(Examined, OneWrongElementFailsAtItsSiteIndexAndNumbers) {
  const ProbePoint where = in_layer(1, Site::q_proj);  // [2, 6, 24]
  const double expected = granite.values(CallIndex{0}, Values::truth, where)[1 * 144 + 2 * 24 + 7];
  const CaseResult result =
      run(granite, emit_at(0, where, [](MutableSiteValue& value) { set_float(value, 1 * 144 + 2 * 24 + 7, 42.0); }));
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(sites_of(result, Verdict::fail), std::vector<std::string>{"call 0 layer 1 q_proj"});
  ASSERT_TRUE(result.first_divergence);
  const golden::Metrics& metrics = result.first_divergence->site.metrics;
  EXPECT_EQ(metrics.worst_index, (Shape{1, 2, 7}));
  EXPECT_EQ(metrics.expected, expected);
  EXPECT_EQ(metrics.actual, 42.0);
  EXPECT_EQ(metrics.differing, 1U);
  EXPECT_EQ(metrics.max_abs, std::abs(42.0 - expected));
  EXPECT_EQ(result.first_divergence->command, "assay verify " + granite.file() + " --sites q_proj --layers 1:2");
}

TEST_F(Examined, OfSeveralWrongSitesTheFirstToRunIsTheDivergence) {
  const CaseResult result = run(granite, {.before =
                                              [](const Moment& moment, MutableSiteValue& value) {
                                                if (moment.is(Site::logits)) set_float(value, 0, 1e9);
                                                if (moment.is(Site::moe_out, 2)) set_float(value, 3, 1e9);
                                              },
                                          .after = {}});
  EXPECT_EQ(sites_of(result, Verdict::fail), (std::vector<std::string>{"call 0 layer 2 moe_out", "call 0 logits"}));
  EXPECT_EQ(divergence_of(result), "call 0 layer 2 moe_out");
}

TEST_F(Examined, ANanFailsWhereverItStands) {
  for (const auto& [precision, layer] : {std::pair(Precision::f64, 0U), std::pair(Precision::f32, 1U)}) {
    for (const PlannedSite& site : granite.calls()[0].sites) {
      const SiteKind kind = info(site.point.site).kind;
      if (kind == SiteKind::mask || kind == SiteKind::routing) continue;
      if (site.point.layer && site.point.layer->value != layer) continue;
      const CaseResult result =
          run(granite, emit_at(0, site.point, [](MutableSiteValue& value) { set_float(value, 1, nan); }), precision);
      EXPECT_EQ(sites_of(result, Verdict::fail), std::vector<std::string>{"call 0 " + to_string(site.point)});
    }
  }
}

TEST_F(Examined, AnInfinityFails) {
  const auto infinity = std::numeric_limits<double>::infinity();
  const CaseResult result = run(
      granite, emit_at(0, in_layer(0, Site::k_proj), [=](MutableSiteValue& value) { set_float(value, 0, -infinity); }));
  EXPECT_EQ(divergence_of(result), "call 0 layer 0 k_proj");
}

TEST_F(Examined, OneElementJustBeyondItsLimitFailsThoughTheNormHolds) {
  const ProbePoint where = in_layer(0, Site::q_proj);
  const auto truth = granite.values(CallIndex{0}, Values::truth, where);
  const double limit = 1e-12 * golden::norm_max(truth);
  for (const auto& [factor, verdict] : {std::pair(0.8, Verdict::pass), std::pair(1.1, Verdict::fail)}) {
    const CaseResult result = run(
        granite, emit_at(0, where, [&](MutableSiteValue& value) { set_float(value, 0, truth[0] + factor * limit); }));
    EXPECT_EQ(result.verdict, verdict) << factor;
    // The norm of a whole tensor is larger than its largest element: it does not see this.
    EXPECT_LT(factor * limit, 1e-12 * golden::norm_l2(truth));
  }
}

TEST_F(Examined, ManySmallErrorsFailThoughEveryElementHolds) {
  const ProbePoint where = in_layer(0, Site::q_proj);
  const auto truth = granite.values(CallIndex{0}, Values::truth, where);
  const double limit = 1e-12 * golden::norm_max(truth);
  const double norm_limit = 1e-12 * golden::norm_l2(truth);
  const double each = 0.9 * limit;
  ASSERT_GT(each * std::sqrt(static_cast<double>(truth.size())), norm_limit);
  const CaseResult result = run(granite, emit_at(0, where, [&](MutableSiteValue& value) {
                                  for (std::size_t i = 0; i < truth.size(); ++i) set_float(value, i, truth[i] + each);
                                }));
  EXPECT_EQ(divergence_of(result), "call 0 layer 0 q_proj");
  EXPECT_EQ(result.first_divergence->site.metrics.differing, 0U);
}

TEST_F(Examined, AMaskIsEqualOrWrong) {
  const CaseResult result = run(granite, emit_at(0, in_layer(2, Site::attn_visible), [](MutableSiteValue& value) {
                                  set_float(value, 5, 1.0);  // query 0 sees key 5
                                }));
  EXPECT_EQ(sites_of(result, Verdict::fail), std::vector<std::string>{"call 0 layer 2 attn_visible"});
  EXPECT_EQ(result.first_divergence->site.metrics.worst_index, (Shape{0, 0, 5}));
}

TEST_F(Examined, LeavingASiteOutIsMissing) {
  ReplayEngine engine(granite, Precision::f64);
  engine.leave_out(in_layer(1, Site::moe_out));
  const CaseResult result = judged(granite, engine);
  EXPECT_EQ(result.verdict, Verdict::missing);
  EXPECT_EQ(sites_of(result, Verdict::missing), std::vector<std::string>{"call 0 layer 1 moe_out"});
  EXPECT_EQ(divergence_of(result), "call 0 layer 1 moe_out");
  EXPECT_EQ(golden::exit_code(result.verdict), 3);
}

TEST_F(Examined, LeavingAnySingleSiteOutIsMissingAndHarmsNoOther) {
  for (const auto& [golden, mode] : {std::pair(&granite, Mode::free), std::pair(&phimoe, Mode::injected)}) {
    for (const PlannedSite& site : golden->calls()[0].sites) {
      if (site.point.layer && site.point.layer->value > 1) continue;
      ReplayEngine engine(*golden, Precision::f32);
      engine.leave_out(site.point);
      const CaseResult result = judged(*golden, engine, mode);
      EXPECT_EQ(result.verdict, Verdict::missing) << to_string(site.point);
      EXPECT_EQ(sites_of(result, Verdict::missing), std::vector<std::string>{"call 0 " + to_string(site.point)});
    }
  }
}

TEST_F(Examined, AnEngineThatEmitsNothingIsMissingEverything) {
  ReplayEngine engine(granite, Precision::f64);
  for (const PlannedSite& site : granite.calls()[0].sites) engine.leave_out(site.point);
  const CaseResult result = judged(granite, engine);
  EXPECT_EQ(result.verdict, Verdict::missing);
  EXPECT_EQ(sites_of(result, Verdict::missing).size(), granite.calls()[0].sites.size());
}

TEST_F(Examined, SelectingNothingIsVacuous) {
  golden::Selection selection;
  golden::parse_layers("7:9", selection);
  ReplayEngine engine(granite, Precision::f64);
  const CaseResult result = judged(granite, engine, Mode::free, selection);
  EXPECT_EQ(result.verdict, Verdict::vacuous);
  EXPECT_TRUE(result.sites.empty());
  EXPECT_EQ(golden::exit_code(result.verdict), 3);
}

TEST_F(Examined, OnlySelectedSitesCount) {
  const golden::Selection selection{.sites = "q_proj", .first_layer = 1, .end_layer = 2};
  ReplayEngine engine(granite, Precision::f64,
                      {.before =
                           [](const Moment& moment, MutableSiteValue& value) {
                             if (!moment.is(Site::k_proj)) return;
                             set_float(value, 0, 1e9);
                           },
                       .after = {}});
  const CaseResult result = judged(granite, engine, Mode::free, selection);
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_EQ(sites_of(result, Verdict::pass), std::vector<std::string>{"call 0 layer 1 q_proj"});
}

TEST_F(Examined, AGoldenOfZerosProvesNothing) {
  GoldenCopy copy("granitemoe_prefill");
  const auto zero = [&](const std::string& path) {
    copy.edit<double>("/calls/000/truth/" + path, [](auto& values) { std::ranges::fill(values, 0.0); });
    copy.edit<float>("/calls/000/hf32/" + path, [](auto& values) { std::ranges::fill(values, 0.0F); });
  };
  zero("logits");
  const GoldenFile golden(copy.path());
  ReplayEngine engine(golden, Precision::f64);
  const CaseResult alone = judged(golden, engine, Mode::free, {.sites = "logits"});
  EXPECT_EQ(alone.verdict, Verdict::vacuous);
  EXPECT_EQ(alone.sites.at(0).note, "all expected values are zero");
  const CaseResult whole = judged(golden, engine);
  EXPECT_EQ(whole.verdict, Verdict::pass);
  EXPECT_EQ(sites_of(whole, Verdict::vacuous), std::vector<std::string>{"call 0 logits"});
}

TEST_F(Examined, AnythingButZeroWhereTheGoldenIsZeroFails) {
  GoldenCopy copy("granitemoe_prefill");
  copy.edit<double>("/calls/000/truth/logits", [](auto& values) { std::ranges::fill(values, 0.0); });
  const GoldenFile golden(copy.path());
  const CaseResult result = run(
      golden, emit_at(0, {Site::logits, std::nullopt}, [](MutableSiteValue& value) { set_float(value, 0, 1e-300); }));
  EXPECT_EQ(divergence_of(result), "call 0 logits");
}

// What the engine goes on with.

/// Counts the elements in which what comes back is not the golden's.
struct GotBack {
  const GoldenFile& golden;
  std::map<std::string, std::size_t> wrong;

  Meddling with(Touch before) {
    return {.before = std::move(before), .after = [this](const Moment& moment, MutableSiteValue& value) {
              const bool integers =
                  info(moment.point.site).kind == SiteKind::mask || info(moment.point.site).kind == SiteKind::routing;
              std::vector<double> own;
              if (integers) {
                const auto read = golden.integers(moment.call, Values::truth, moment.point);
                own.assign(read.begin(), read.end());
              } else {
                own = golden.values(moment.call, Values::truth, moment.point);
              }
              const std::vector<double> back = floats(value);
              for (std::size_t i = 0; i < own.size(); ++i) {
                if (back[i] != own[i]) ++wrong[to_string(moment.point)];
              }
            }};
  }
};

TEST_F(Examined, InjectedModeGivesTheGoldensValuesBackEverywhere) {
  GotBack got{granite, {}};
  ReplayEngine engine(granite, Precision::f64, got.with([](const Moment& moment, MutableSiteValue& value) {
    if (info(moment.point.site).kind == SiteKind::mask) return;
    if (moment.is(Site::router_experts)) {
      std::ranges::reverse(experts_of(value));
      return;
    }
    for (std::size_t i = 0; i < floats(value).size(); ++i) set_float(value, i, 5.0);
  }));
  const CaseResult result = judged(granite, engine, Mode::injected);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(got.wrong, (std::map<std::string, std::size_t>{}));
}

TEST_F(Examined, FreeModeReplacesNothingButTheFrequencies) {
  GotBack got{granite, {}};
  ReplayEngine engine(granite, Precision::f64, got.with([](const Moment& moment, MutableSiteValue& value) {
    const SiteKind kind = info(moment.point.site).kind;
    if (kind == SiteKind::value || kind == SiteKind::constant) set_float(value, 0, 5.0);
  }));
  (void)judged(granite, engine);
  std::size_t values = 0;
  for (const PlannedSite& site : granite.calls()[0].sites) {
    if (info(site.point.site).kind == SiteKind::value) ++values;
  }
  EXPECT_EQ(got.wrong.size(), values);
  EXPECT_FALSE(got.wrong.contains("rope_inv_freq"));
}

TEST_F(Examined, FrequenciesMayBeOneUnitInTheLastPlaceOffAndArePinned) {
  for (const auto& [ulps, verdict] : {std::pair(1, Verdict::pass), std::pair(3, Verdict::fail)}) {
    GotBack got{granite, {}};
    ReplayEngine engine(granite, Precision::f64, got.with([ulps = ulps](const Moment& moment, MutableSiteValue& value) {
      if (!moment.is(Site::rope_inv_freq)) return;
      auto freq = std::get<std::span<float>>(value.values);
      for (int i = 0; i < ulps; ++i) freq[0] = std::nextafter(freq[0], 2.0F * freq[0]);
    }));
    EXPECT_EQ(judged(granite, engine).verdict, verdict) << ulps;
    EXPECT_TRUE(got.wrong.empty());
  }
}

TEST_F(Examined, ASlowFrequencyIsWrongThoughItIsOffByLessThanTheRoundingOfTheFastest) {
  GotBack got{granite, {}};
  ReplayEngine engine(granite, Precision::f64, got.with([](const Moment& moment, MutableSiteValue& value) {
    if (!moment.is(Site::rope_inv_freq)) return;
    float& slowest = std::get<std::span<float>>(value.values).back();
    slowest *= 1.0F + 1e-5F;
    EXPECT_LT(slowest * 1e-5F, 0x1p-23F);
  }));
  const CaseResult result = judged(granite, engine);
  EXPECT_EQ(result.verdict, Verdict::fail);
  ASSERT_TRUE(result.first_divergence);
  EXPECT_TRUE(result.first_divergence->site.note.ends_with("is off by more than 16 units in its own last place"))
      << result.first_divergence->site.note;
}

// What cannot be compared at all: a FAIL, and the end of judging.

class Misplaced : public Examined {
 protected:
  /// The last result after these emissions into a fresh call: "layer 0 q_proj: NOTE".
  std::string complaint(const std::vector<std::pair<ProbePoint, SiteValue>>& emissions) {
    golden::Examiner examiner(granite, {});
    examiner.begin_call(CallIndex{0});
    for (const auto& [point, value] : emissions) examiner.observe(point, value);
    examiner.end_call();
    EXPECT_TRUE(examiner.gave_up());
    const golden::SiteResult& last = examiner.results().back();
    EXPECT_EQ(last.verdict, Verdict::fail);
    const std::string end = "; nothing behind it was judged";
    EXPECT_TRUE(last.note.ends_with(end)) << last.note;
    return to_string(ProbePoint{last.site, last.layer}) + ": " + last.note.substr(0, last.note.find(end));
  }

  std::vector<double> numbers_ = std::vector<double>(2 * 6 * 24, 1.0);
  std::vector<std::int64_t> integers_ = std::vector<std::int64_t>(2 * 6 * 24, 1);
};

TEST_F(Misplaced, ASiteThatTheModelDoesNotHave) {
  EXPECT_EQ(complaint({{in_layer(0, Site::in_proj), {std::span<const double>(numbers_), {2, 6, 24}}}}),
            "layer 0 in_proj: expected no such site, the engine emitted one");
  EXPECT_EQ(complaint({{in_layer(3, Site::q_proj), {std::span<const double>(numbers_), {2, 6, 24}}}}),
            "layer 3 q_proj: expected no such site, the engine emitted one");
}

TEST_F(Misplaced, ASiteEmittedTwice) {
  const SiteValue value{std::span<const double>(numbers_), {2, 6, 24}};
  EXPECT_EQ(complaint({{in_layer(0, Site::q_proj), value}, {in_layer(0, Site::q_proj), value}}),
            "layer 0 q_proj: expected one emission, the engine emitted two");
}

TEST_F(Misplaced, ASiteOfAnotherShape) {
  EXPECT_EQ(complaint({{in_layer(0, Site::q_proj), {std::span<const double>(numbers_), {6, 2, 24}}}}),
            "layer 0 q_proj: expected [2, 6, 24], the engine emitted [6, 2, 24]");
  EXPECT_EQ(complaint({{in_layer(0, Site::q_proj), {std::span<const double>(numbers_), {12, 24}}}}),
            "layer 0 q_proj: expected [2, 6, 24], the engine emitted [12, 24]");
}

TEST_F(Misplaced, ASiteOfAnotherType) {
  EXPECT_EQ(complaint({{in_layer(0, Site::q_proj), {std::span<const std::int64_t>(integers_), {2, 6, 24}}}}),
            "layer 0 q_proj: expected floating-point values, the engine emitted others");
  EXPECT_EQ(complaint({{in_layer(0, Site::router_experts), {std::span<const double>(numbers_).first(36), {12, 3}}}}),
            "layer 0 router_experts: expected int64 values, the engine emitted others");
  EXPECT_EQ(complaint({{in_layer(0, Site::attn_visible), {std::span<const double>(numbers_).first(72), {2, 6, 6}}}}),
            "layer 0 attn_visible: expected uint8 values, the engine emitted others");
}

}  // namespace
}  // namespace assay::test
