// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Losses before the judge. The golden's numbers are made up: its logits and router logits go from 0.5 to 2 in steps of
// a quarter, its losses are 0.5, and its float32 run has no error at all.
#include <gtest/gtest.h>

#include <limits>

#include "golden/judge/site_limits.hpp"
#include "tests/support/engine_doubles.hpp"
#include "tests/support/whole_api_golden.hpp"

namespace assay::test {
namespace {

using golden::CaseResult;
using golden::GoldenFile;
using golden::Limits;
using golden::Verdict;

/// Four units in the last place of 2, the largest logit: all that is left where transformers has no error.
constexpr double logits_limit = 0x1p-20;
/// The same of a loss of 0.5.
constexpr double rounding = 0x1p-22;
/// Seven experts.
constexpr double aux_error = 3.5 * logits_limit;
/// Eight targets over five items.
constexpr double cross_entropy_error = 2.0 * 8.0 / 5.0 * logits_limit;

class Losses : public testing::Test {
 protected:
  Losses() {
    for (const std::string group : {"/calls/000/truth", "/calls/000/hf32"}) {
      copy.remove(group + "/logits");
      for (const char* layer : {"000", "001"}) copy.remove(group + "/layers/" + layer + "/router_logits");
    }
    copy.add_missing_sites();
  }

  static Limits limits(const GoldenFile& golden, Site site, Precision precision) {
    const golden::RealRows rows(golden, golden::Rows::all);
    const std::vector<double> expected = golden.values(CallIndex{0}, golden::Values::truth, {site, std::nullopt});
    return golden::SiteLimits(golden, rows, {}, precision).of(CallIndex{0}, {{site, std::nullopt}, {1}}, expected, {});
  }

  /// The result of a replay whose `site` in the first call is off by `error`.
  static golden::SiteResult off_by(const GoldenFile& golden, Site site, double error, Precision precision) {
    ReplayEngine engine(golden, precision,
                        {.before =
                             [=](const Moment& moment, MutableSiteValue& value) {
                               if (moment.is(site) && moment.call == CallIndex{0}) set_float(value, 0, 0.5 + error);
                             },
                         .after = {}});
    const CaseResult result = judged(golden, engine);
    for (const golden::SiteResult& each : result.sites) {
      if (each.site == site && each.call == CallIndex{0}) return each;
    }
    ADD_FAILURE() << "no such site";
    return {};
  }

  /// The third and the fourth logit of the first token become equal, so that either may be counted.
  void tie_the_first_token() {
    for (const char* group : {"truth", "hf32"}) {
      const std::string path = std::string("/calls/000/") + group + "/layers/000/router_logits";
      if (std::string(group) == "truth") {
        copy.edit<double>(path, [](auto& values) { values[3] = values[4]; });
      } else {
        copy.edit<float>(path, [](auto& values) { values[3] = values[4]; });
      }
    }
  }

  WholeApiGolden copy;
};

TEST_F(Losses, HaveTheLimitsOfWhatTheyAreMadeOf) {
  const GoldenFile golden(copy.path());
  EXPECT_DOUBLE_EQ(limits(golden, Site::aux_loss, Precision::f32).max_abs, aux_error + rounding);
  const Limits loss = limits(golden, Site::loss, Precision::f32);
  EXPECT_DOUBLE_EQ(loss.max_abs, cross_entropy_error + 0.001 * aux_error + rounding);
  EXPECT_EQ(loss.l2, loss.max_abs);
  EXPECT_EQ(loss.jump, 0.0);
}

TEST_F(Losses, OfAFloat64EngineHaveTheLimitOfEverySite) {
  const GoldenFile golden(copy.path());
  EXPECT_DOUBLE_EQ(limits(golden, Site::loss, Precision::f64).max_abs, 0.5e-12);
  EXPECT_EQ(off_by(golden, Site::loss, 0.4e-12, Precision::f64).verdict, Verdict::pass);
  EXPECT_EQ(off_by(golden, Site::loss, 0.6e-12, Precision::f64).verdict, Verdict::fail);
}

TEST_F(Losses, AreRightUpToTheLimitAndWrongBehindIt) {
  const GoldenFile golden(copy.path());
  for (const double error : {0.9 * cross_entropy_error, -0.9 * cross_entropy_error}) {
    EXPECT_EQ(off_by(golden, Site::loss, error, Precision::f32).verdict, Verdict::pass);
    EXPECT_EQ(off_by(golden, Site::loss, 1.3 * error, Precision::f32).verdict, Verdict::fail);
  }
}

TEST_F(Losses, ATokenWhoseCountIsATieExcusesAJump) {
  tie_the_first_token();
  const GoldenFile golden(copy.path());
  // One of 24 rows: 7 / 24 * (q_6 - q_0), about 0.06.
  for (const Precision precision : {Precision::f32, Precision::f64}) {
    const golden::SiteResult tied = off_by(golden, Site::aux_loss, 0.05, precision);
    EXPECT_EQ(tied.verdict, Verdict::tie);
    EXPECT_EQ(tied.note, "a token's largest router logits are a proven tie: either may be counted");
    EXPECT_EQ(off_by(golden, Site::aux_loss, 0.07, precision).verdict, Verdict::fail);
    EXPECT_EQ(off_by(golden, Site::aux_loss, 0.0, precision).verdict, Verdict::pass);
    EXPECT_EQ(off_by(golden, Site::loss, 0.05e-3, precision).verdict, Verdict::tie) << "by its coefficient";
    EXPECT_EQ(off_by(golden, Site::loss, 0.07e-3, precision).verdict, Verdict::fail);
  }
}

TEST_F(Losses, ThatAreNoNumbersFail) {
  tie_the_first_token();
  const GoldenFile golden(copy.path());
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(off_by(golden, Site::loss, nan, Precision::f32).verdict, Verdict::fail);
  EXPECT_EQ(off_by(golden, Site::aux_loss, nan, Precision::f64).verdict, Verdict::fail);
}

TEST_F(Losses, WithoutATruthAreHeldAgainstTransformersOwn) {
  copy.remove_truth();
  const GoldenFile golden(copy.path());
  EXPECT_EQ(off_by(golden, Site::loss, 0.4e-5, Precision::f64).verdict, Verdict::pass);
  EXPECT_EQ(off_by(golden, Site::loss, 0.6e-5, Precision::f64).verdict, Verdict::fail);
}

TEST_F(Losses, AWholeReplayHolds) {
  const GoldenFile golden(copy.path());
  for (const Precision precision : {Precision::f32, Precision::f64}) {
    for (const golden::Mode mode : {golden::Mode::free, golden::Mode::injected}) {
      ReplayEngine engine(golden, precision);
      const CaseResult result = judged(golden, engine, mode);
      EXPECT_EQ(result.verdict, Verdict::pass) << divergence_of(result);
    }
  }
}

TEST(NoiseOfLogits, IsNoLessThanThatOfTheFinalNormWhereOneTokenIsKept) {
  // transformers' float32 logits of the one token are right by luck; those of the norm before them are not.
  WholeApiGolden copy;
  copy.edit<float>("/calls/002/hf32/final_norm_out", [](auto& values) {
    for (float& value : values) value *= 1.0F + 0x1p-18F;
  });
  const GoldenFile golden(copy.path());
  const golden::RealRows rows(golden, golden::Rows::all);
  golden::SiteLimits limits(golden, rows, {}, Precision::f32);
  const PlannedSite logits{{Site::logits, std::nullopt}, {2, 1, 31}};
  const std::vector<double> expected = golden.values(CallIndex{2}, golden::Values::truth, logits.point);
  EXPECT_GT(limits.of(CallIndex{2}, logits, expected, {}).max_abs, 2.0 * logits_limit);
}

}  // namespace
}  // namespace assay::test
