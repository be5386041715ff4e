// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Sites that an engine declares not to show: neither missing nor skipped in silence.
#include <gtest/gtest.h>

#include <algorithm>

#include "golden/judge/examiner.hpp"
#include "tests/support/engine_doubles.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

using golden::CaseResult;
using golden::GoldenFile;
using golden::Mode;
using golden::Selection;
using golden::Verdict;

const std::vector<Site> fused{Site::attn_visible, Site::attn_scores, Site::attn_probs};

class NotProvided : public testing::Test {
 protected:
  CaseResult judge(const Selection& selection = {}, Mode mode = Mode::free) {
    for (const Site site : fused) engine.fuse_away(site);
    return judged(golden, engine, mode, selection);
  }

  GoldenFile golden{committed_golden("granitemoe_cache")};
  ReplayEngine engine{golden, Precision::f32};
};

TEST_F(NotProvided, IsNotMissing) {
  for (const Mode mode : {Mode::free, Mode::injected}) {
    const CaseResult result = judge({}, mode);
    EXPECT_EQ(result.verdict, Verdict::pass);
    EXPECT_EQ(result.not_provided, fused);
    EXPECT_EQ(sites_of(result, Verdict::missing), std::vector<std::string>{});
    std::size_t planned = 0;
    for (const auto& call : golden.calls()) planned += call.sites.size();
    const std::size_t absent = fused.size() * golden.calls().size() * common(golden.config()).num_hidden_layers;
    EXPECT_EQ(result.sites.size(), planned - absent);
  }
}

TEST_F(NotProvided, WhatIsClaimedAndNotShownIsStillMissing) {
  engine.leave_out({Site::attn_out, LayerIndex{1}});
  const CaseResult result = judge();
  EXPECT_EQ(result.verdict, Verdict::missing);
  EXPECT_EQ(divergence_of(result), "call 0 layer 1 attn_out");
}

TEST_F(NotProvided, CountsOnlyWhatIsSelected) {
  EXPECT_EQ(judge({.sites = "attn_probs,logits"}).not_provided, std::vector<Site>{Site::attn_probs});
  EXPECT_EQ(judge({.sites = "logits"}).not_provided, std::vector<Site>{});
}

TEST_F(NotProvided, CountsOnlyWhatTheGoldenHas) {
  engine.fuse_away(Site::ssm_state);
  EXPECT_EQ(judge().not_provided, fused);
}

TEST_F(NotProvided, ASelectionOfNothingElseIsVacuous) {
  const CaseResult result = judge({.sites = "attn_scores,attn_probs"});
  EXPECT_EQ(result.verdict, Verdict::vacuous);
  EXPECT_TRUE(result.sites.empty());
  EXPECT_EQ(result.not_provided, (std::vector<Site>{Site::attn_scores, Site::attn_probs}));
}

TEST_F(NotProvided, ShownAllTheSameIsAFailure) {
  engine.declare_not_provided(Site::q_rope);
  const CaseResult result = judge({.sites = "q_rope,k_rope", .first_layer = 1, .end_layer = 2});
  EXPECT_EQ(result.verdict, Verdict::fail);
  ASSERT_TRUE(result.first_divergence);
  EXPECT_EQ(divergence_of(result), "call 0 layer 1 q_rope");
  EXPECT_EQ(result.first_divergence->site.note, "expected no such site, as the engine declares; it emitted one");
  EXPECT_EQ(sites_of(result, Verdict::fail).size(), golden.calls().size()) << "and the rest is judged";
  EXPECT_EQ(sites_of(result, Verdict::pass).size(), golden.calls().size());
}

}  // namespace
}  // namespace assay::test
