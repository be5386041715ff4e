// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/figures.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/reports/samples.hpp"

namespace assay::reports {
namespace {

using golden::Verdict;
using samples::site;

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(ErrorText, HasTwoDigits) {
  EXPECT_EQ(error_text(3.14159e-15), "3.1e-15");
  EXPECT_EQ(error_text(0), "0");
  EXPECT_EQ(error_text(-0.5), "-5.0e-01");
}

TEST(ErrorText, NamesWhatIsNotFinite) {
  EXPECT_EQ(error_text(NAN), "NaN");
  EXPECT_EQ(error_text(-NAN), "NaN");
  EXPECT_EQ(error_text(infinity), "inf");
  EXPECT_EQ(error_text(-infinity), "-inf");
}

TEST(ElementText, ReadsBackAsTheSameNumber) {
  EXPECT_EQ(element_text(0.1, Precision::f64), "0.10000000000000001");
  EXPECT_EQ(element_text(0.1F, Precision::f32), "0.100000001");
  EXPECT_EQ(element_text(3, Precision::f64), "3");
  EXPECT_EQ(element_text(-infinity, Precision::f32), "-inf");
}

TEST(UsedText, IsAPercentageUpToTheLimitAndAFactorBeyond) {
  EXPECT_EQ(used_text(0), "0%");
  EXPECT_EQ(used_text(1e-6), "<0.1%");
  EXPECT_EQ(used_text(0.003), "0.3%");
  EXPECT_EQ(used_text(0.126), "12%");
  EXPECT_EQ(used_text(0.9999), "99%") << "never rounded up to the limit";
  EXPECT_EQ(used_text(1), "100%");
  EXPECT_EQ(used_text(3.21), "3.2x");
  EXPECT_EQ(used_text(321), "321x");
  EXPECT_EQ(used_text(3e12), "1e12x");
  EXPECT_EQ(used_text(infinity), "inf");
}

TEST(HeadroomText, NeverSaysMoreThanIsLeft) {
  EXPECT_EQ(headroom_text(0), "100%");
  EXPECT_EQ(headroom_text(1e-6), ">99.9%");
  EXPECT_EQ(headroom_text(0.0031), "99.6%");
  EXPECT_EQ(headroom_text(0.126), "87%");
  EXPECT_EQ(headroom_text(0.95), "5.0%");
  EXPECT_EQ(headroom_text(0.9999), "0.0%");
  EXPECT_EQ(headroom_text(1), "0.0%");
  EXPECT_EQ(headroom_text(3.21), "3.2x");
  EXPECT_EQ(headroom_text(NAN), "NaN");
}

TEST(DigitsText, NeverSaysMoreThanThereAre) {
  EXPECT_EQ(digits_text(14.99), "14.9");
  EXPECT_EQ(digits_text(0), "0.0");
  EXPECT_EQ(digits_text(17), "17.0");
}

TEST(NoiseText, HasAtMostSixLetters) {
  for (const double ratio : {0.0, 1e-9, 0.314, 3.14, 99.99, 314.0, 9999.4, 1e5, 1e300, infinity}) {
    EXPECT_LE(noise_text(ratio).size(), 6U) << noise_text(ratio);
  }
  EXPECT_EQ(noise_text(0.314), "0.31");
  EXPECT_EQ(noise_text(9.3), "9.3");
  EXPECT_EQ(ratio_text({golden::Measure::row, 9.3, 3.1, 4, 12}), "9.3 of 3.1");
}

TEST(Used, IsTheLargestOfLimitsAndGates) {
  golden::SiteResult result = site(Site::moe_out, 0, Verdict::pass, 5e-13);
  EXPECT_DOUBLE_EQ(used(result), 0.5);
  result.ratios = {{golden::Measure::tensor, 1, 4, 0, 0}, {golden::Measure::row, 3, 4, 2, 9}};
  EXPECT_DOUBLE_EQ(used(result), 0.75);
  EXPECT_EQ(worst_ratio(result), &result.ratios[1]);
  result.ratios[0].value = NAN;
  EXPECT_EQ(used(result), infinity);
}

TEST(VerifiedDigits, AreTheLeastOfTheComparedSitesWithNumbers) {
  golden::CaseResult result = samples::with_verdict(Verdict::pass);
  result.sites.push_back(site(Site::router_experts, 0, Verdict::pass, 0));
  result.sites.back().digits = 0;
  result.sites.push_back(site(Site::moe_out, 0, Verdict::tie, 0.5));
  EXPECT_NEAR(verified_digits(result).value_or(0), 14.5, 0.1) << "neither choices nor what is behind a tie";
  result.sites.clear();
  EXPECT_EQ(verified_digits(result), std::nullopt);
}

TEST(SecondsText, KeepsTwoOrThreeDigits) {
  EXPECT_EQ(seconds_text(0.003), "3 ms");
  EXPECT_EQ(seconds_text(0.021), "0.02 s");
  EXPECT_EQ(seconds_text(2.14), "2.1 s");
  EXPECT_EQ(seconds_text(12.34), "12.3 s");
  EXPECT_EQ(seconds_text(123.4), "123 s");
}

TEST(BytesText, ChoosesTheUnit) {
  EXPECT_EQ(bytes_text(17), "17 B");
  EXPECT_EQ(bytes_text(4608), "4.5 KiB");
  EXPECT_EQ(bytes_text(std::size_t{3} << 20U), "3.0 MiB");
  EXPECT_EQ(bytes_text(std::size_t{5} << 30U), "5.0 GiB");
}

TEST(CountText, KnowsTheSingular) {
  EXPECT_EQ(count_text(1, "case"), "1 case");
  EXPECT_EQ(count_text(0, "case"), "0 cases");
}

TEST(Used, IsTheLargerShareOfTheTwoLimits) {
  golden::SiteResult result = site(Site::moe_out, 0, Verdict::pass, 0);
  result.metrics.rel_l2 = 0.1e-12;   // of 1e-12
  result.metrics.max_abs = 2.5e-12;  // of 5e-12
  EXPECT_DOUBLE_EQ(used(result), 0.5);
}

TEST(Used, IsNothingForNoErrorAndEndlessBeyondALimitOfZero) {
  golden::SiteResult result = site(Site::attn_visible, 0, Verdict::pass, 0);
  result.limit_rel_l2 = result.limit_max_abs = 0;
  EXPECT_EQ(used(result), 0);
  result.metrics.max_abs = 1;
  EXPECT_EQ(used(result), infinity);
}

TEST(Used, IsEndlessForNaN) {
  golden::SiteResult result = site(Site::moe_out, 0, Verdict::fail, 0);
  result.metrics.rel_l2 = NAN;
  EXPECT_EQ(used(result), infinity);
  result.metrics.rel_l2 = 0;
  result.metrics.max_abs = NAN;
  EXPECT_EQ(used(result), infinity);
}

TEST(WorstSite, IsTheFirstThatUsedMost) {
  golden::CaseResult result;
  result.sites = {site(Site::embed_out, 0, Verdict::pass, 0), site(Site::moe_out, 0, Verdict::pass, 2e-15),
                  site(Site::moe_out, 1, Verdict::pass, 2e-15)};
  EXPECT_EQ(worst_site(result), &result.sites[1]);
}

TEST(WorstSite, PassesOverMissingSitesAndTies) {
  golden::CaseResult result;
  EXPECT_EQ(worst_site(result), nullptr);
  result.sites = {site(Site::moe_out, 0, Verdict::missing, 0), site(Site::moe_out, 1, Verdict::tie, 1)};
  EXPECT_EQ(worst_site(result), nullptr);
}

}  // namespace
}  // namespace assay::reports
