// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Sites that a golden says it does not hold: neither judged nor replaced nor missing, and never a way to hide one.
#include <gtest/gtest.h>

#include <algorithm>

#include "golden/format/schema.hpp"
#include "golden/format/site_check.hpp"
#include "tests/support/engine_doubles.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

using golden::CaseResult;
using golden::GoldenFile;
using golden::Mode;
using golden::Selection;
using golden::Verdict;

class NotRecorded : public testing::Test {
 protected:
  /// Takes the sites out of both calls of both layers and says so.
  void leave_out(const std::vector<Site>& sites) {
    const std::vector<golden::RecordedCall> calls = GoldenFile(copy.path()).calls();
    for (std::size_t call = 0; call < calls.size(); ++call) {
      for (const PlannedSite& site : calls[call].sites) {
        if (std::ranges::find(sites, site.point.site) == sites.end()) continue;
        for (const char* group : {"truth", "hf32"}) copy.remove(golden::site_path(CallIndex{call}, group, site.point));
        if (site.point.site != Site::router_logits) continue;
        copy.remove(golden::margin_path(CallIndex{call}, "truth", *site.point.layer));
      }
    }
    copy.attribute("/", "not_recorded", assay::to_string(sites));
  }

  std::string refusal() {
    const std::string message = error_of([&] { GoldenFile golden(copy.path()); });
    EXPECT_TRUE(message.starts_with(copy.file() + ": ")) << message;
    return message.substr(std::min(message.size(), copy.file().size() + 2));
  }

  GoldenCopy copy{"granitemoe_left_pad"};
  const std::vector<Site> scores{Site::attn_scores, Site::attn_probs};
};

TEST_F(NotRecorded, IsNeitherJudgedNorMissing) {
  leave_out(scores);
  const GoldenFile golden(copy.path());
  EXPECT_EQ(golden.not_recorded(), scores);
  EXPECT_FALSE(golden.records(Site::attn_probs));
  std::size_t planned = 0;
  for (const auto& call : golden.calls()) planned += call.sites.size();
  for (const Mode mode : {Mode::free, Mode::injected}) {
    ReplayEngine engine(golden, Precision::f32);
    const CaseResult result = judged(golden, engine, mode);
    EXPECT_EQ(result.verdict, Verdict::pass);
    EXPECT_EQ(result.not_recorded, scores);
    EXPECT_EQ(result.sites.size(), planned - 2U * 2U * scores.size());
  }
}

TEST_F(NotRecorded, IsNotReplacedInInjectedMode) {
  leave_out(scores);
  const GoldenFile golden(copy.path());
  std::vector<double> seen;
  ReplayEngine engine(golden, Precision::f64,
                      {.before =
                           [](const Moment& moment, MutableSiteValue& value) {
                             if (moment.is(Site::attn_probs, 1)) set_float(value, 3, 42.0);
                           },
                       .after =
                           [&](const Moment& moment, MutableSiteValue& value) {
                             if (moment.is(Site::attn_probs, 1)) seen.push_back(floats(value)[3]);
                           }});
  EXPECT_EQ(judged(golden, engine, Mode::injected).verdict, Verdict::pass);
  EXPECT_EQ(seen, (std::vector<double>{42.0, 42.0}));
}

TEST_F(NotRecorded, AnEngineNeedNotShowIt) {
  leave_out(scores);
  const GoldenFile golden(copy.path());
  ReplayEngine engine(golden, Precision::f32);
  for (const Site site : scores) engine.fuse_away(site);
  const CaseResult result = judged(golden, engine);
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_EQ(result.not_recorded, scores);
  EXPECT_TRUE(result.not_provided.empty()) << "there is nothing that the engine withholds";
}

TEST_F(NotRecorded, CountsOnlyWhatIsSelectedAndASelectionOfNothingElseIsVacuous) {
  leave_out(scores);
  const GoldenFile golden(copy.path());
  ReplayEngine engine(golden, Precision::f32);
  EXPECT_TRUE(judged(golden, engine, Mode::free, {.sites = "logits"}).not_recorded.empty());
  const CaseResult result = judged(golden, engine, Mode::free, {.sites = "attn_probs"});
  EXPECT_EQ(result.verdict, Verdict::vacuous);
  EXPECT_EQ(result.not_recorded, std::vector<Site>{Site::attn_probs});
}

TEST_F(NotRecorded, AGoldenOfStatesAndLogitsNeedsNoRouter) {
  const std::vector<Site> router{Site::router_logits,  Site::router_experts, Site::router_weights,
                                 Site::expert_gate_up, Site::expert_act,     Site::expert_out};
  leave_out(router);
  const GoldenFile golden(copy.path());
  ReplayEngine engine(golden, Precision::f32);
  EXPECT_EQ(judged(golden, engine).verdict, Verdict::pass);
}

TEST_F(NotRecorded, ASiteThatIsThereAllTheSameIsRefused) {
  copy.attribute("/", "not_recorded", "final_norm_out");
  EXPECT_NE(refusal().find("/calls/000/hf32/final_norm_out: expected none, as not_recorded says, found one"),
            std::string::npos);
}

TEST_F(NotRecorded, ANameThatIsNoSiteIsRefused) {
  for (const char* names : {"attn_score", "attn_scores,attn_probs", ", attn_scores"}) {
    copy.attribute("/", "not_recorded", names);
    const std::string message = refusal();
    EXPECT_TRUE(message.starts_with("attribute not_recorded: expected names of sites, found ")) << message;
  }
}

TEST_F(NotRecorded, WhatOthersAreJudgedByIsRefused) {
  leave_out({Site::router_logits});
  EXPECT_EQ(refusal(),
            "attribute not_recorded: expected no router_logits, by which router_experts is judged, found it");
}

TEST_F(NotRecorded, ExpertsWithoutTheirNumbersAreRefused) {
  leave_out({Site::router_experts});
  EXPECT_EQ(refusal(),
            "attribute not_recorded: expected no router_experts, by which router_weights is judged, found it");
}

}  // namespace
}  // namespace assay::test
