// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "selftest/senses.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace assay::test {
namespace {

using golden::CaseResult;
using golden::Measure;
using golden::SiteResult;
using golden::Verdict;
using selftest::in_layer;
using selftest::Sense;
using selftest::senses_of;

using Senses = std::set<Sense>;

/// A site that holds, with everything measured and half of every limit used.
SiteResult well(Site site) {
  SiteResult result;
  result.layer = LayerIndex{0};
  result.site = site;
  result.verdict = Verdict::pass;
  result.metrics.elements = 10;
  result.metrics.rel_l2 = 0.5;
  result.metrics.max_abs = 0.5;
  result.limit_rel_l2 = 1.0;
  result.limit_max_abs = 1.0;
  for (const Measure measure : {Measure::tensor, Measure::row, Measure::column, Measure::largest, Measure::bias}) {
    result.ratios.push_back({measure, 1.0, 2.0, 0, 10});
  }
  return result;
}

SiteResult failed(Site site) {
  SiteResult result = well(site);
  result.verdict = Verdict::fail;
  return result;
}

TEST(Senses, OfASiteThatHoldsAreNone) { EXPECT_EQ(senses_of(well(Site::q_proj)), Senses{}); }

TEST(Senses, OfARatioAreThoseBeyondTheirGate) {
  SiteResult site = failed(Site::q_proj);
  site.ratios[1].value = 2.1;
  site.ratios[4].value = std::nan("");
  EXPECT_EQ(senses_of(site), (Senses{Sense::row, Sense::bias}));
  site.ratios.push_back({Measure::gauge, 17.0, 16.0, 3, 10});
  EXPECT_EQ(senses_of(site), (Senses{Sense::row, Sense::bias, Sense::gauge}));
}

TEST(Senses, OfLimitsAreTheTensorAndTheLargestElement) {
  SiteResult site = failed(Site::q_proj);
  site.metrics.rel_l2 = 1.1;
  EXPECT_EQ(senses_of(site), Senses{Sense::tensor});
  site.metrics.max_abs = std::nan("");
  EXPECT_EQ(senses_of(site), (Senses{Sense::tensor, Sense::largest}));
}

TEST(Senses, OfAValueThatMustBeExactIsThatItIsNot) {
  SiteResult site = failed(Site::q_proj);
  site.ratios.clear();
  site.limit_rel_l2 = site.limit_max_abs = 0.0;
  EXPECT_EQ(senses_of(site), (Senses{Sense::exact, Sense::tensor, Sense::largest}));
}

TEST(Senses, OfWhatIsNoNumberAreOfItsKind) {
  EXPECT_EQ(senses_of(failed(Site::attn_visible)), Senses{Sense::exact});
  EXPECT_EQ(senses_of(failed(Site::rope_inv_freq)), Senses{Sense::exact});
  EXPECT_EQ(senses_of(failed(Site::router_experts)), Senses{Sense::routing});
}

TEST(Senses, OfWhatWasNotMeasuredAreItsShape) {
  SiteResult site = failed(Site::q_proj);
  site.metrics.elements = 0;
  EXPECT_EQ(senses_of(site), Senses{Sense::shape});
  site.verdict = Verdict::missing;
  EXPECT_EQ(senses_of(site), Senses{Sense::shape});
}

TEST(Senses, OfARunAreThoseOfTheFaultsSiteWithItsRoutingAndLogits) {
  CaseResult result;
  result.sites = {failed(Site::attn_out), failed(Site::mixer_out), failed(Site::router_experts)};
  result.sites[0].ratios[1].value = 3.0;
  result.sites[1].ratios[2].value = 3.0;
  EXPECT_EQ(senses_of(result, in_layer(0, 0, Site::attn_out)), (Senses{Sense::row, Sense::routing}));
  result.end_to_end.push_back({CallIndex{0}, 1.0, 2.0, 1.0, 2.0, 10, 10, 0, 0});
  EXPECT_EQ(senses_of(result, in_layer(0, 0, Site::attn_out)), (Senses{Sense::row, Sense::routing}));
  result.end_to_end[0].kl_max = std::nan("");
  EXPECT_EQ(senses_of(result, in_layer(0, 0, Site::attn_out)), (Senses{Sense::row, Sense::routing, Sense::end_to_end}));
}

TEST(Senses, OfARunThatIsWellAtTheFaultAreThoseOfItsFirstDivergence) {
  CaseResult result;
  result.sites = {well(Site::attn_out), failed(Site::mixer_out)};
  result.sites[1].ratios[2].value = 3.0;
  result.first_divergence = golden::Divergence{result.sites[1], "again"};
  EXPECT_EQ(senses_of(result, in_layer(0, 0, Site::attn_out)), Senses{Sense::column});
}

}  // namespace
}  // namespace assay::test
