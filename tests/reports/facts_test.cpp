// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/facts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/reports/samples.hpp"

namespace assay::reports {
namespace {

using golden::Verdict;
using samples::with_verdict;

std::string text_of(const golden::CaseResult& result, std::string_view label) {
  const std::vector<Fact> all = facts(result);
  const auto found = std::ranges::find(all, label, &Fact::label);
  return found == all.end() ? "" : found->text;
}

TEST(IndexText, NamesTheAxesOfTheSite) {
  EXPECT_EQ(index_text(Site::moe_out, {1, 3, 17}), "batch 1, token 3, channel 17");
  EXPECT_EQ(index_text(Site::attn_scores, {0, 1, 2, 3}), "batch 0, head 1, token 2, key 3");
  EXPECT_EQ(index_text(Site::rope_inv_freq, {4}), "frequency 4");
}

TEST(IndexText, FallsBackToNumbersWhereTheRankIsNotThatOfTheSite) {
  EXPECT_EQ(index_text(Site::moe_out, {1, 3}), "[1, 3]");
}

TEST(PlaceText, HasALayerOnlyForSitesOfALayer) {
  EXPECT_EQ(place_text(samples::site(Site::moe_out, 2, Verdict::pass, 0)), "moe_out, layer 2, call 0");
  EXPECT_EQ(place_text(samples::site(Site::logits, 2, Verdict::pass, 0)), "logits, call 0");
  EXPECT_EQ(short_place_text(samples::site(Site::moe_out, 2, Verdict::pass, 0)), "2 moe_out");
  EXPECT_EQ(short_place_text(samples::site(Site::logits, 2, Verdict::pass, 0)), "logits");
}

TEST(CaseText, IsTheFileWhereTheNameIsUnknown) {
  golden::CaseResult result = with_verdict(Verdict::invalid);
  result.case_name.clear();
  EXPECT_EQ(case_text(result), "phimoe_cache.h5");
  result.golden = "phimoe_cache.h5";
  EXPECT_EQ(case_text(result), "phimoe_cache.h5");
}

TEST(DecidingSite, IsTheOneThatMakesTheVerdict) {
  EXPECT_EQ(deciding_site(with_verdict(Verdict::pass)), nullptr);
  EXPECT_EQ(deciding_site(with_verdict(Verdict::stale)), nullptr);
  const golden::CaseResult marginal = with_verdict(Verdict::marginal);
  EXPECT_EQ(deciding_site(marginal), &marginal.sites[2]);
  const golden::CaseResult failing = with_verdict(Verdict::fail);
  EXPECT_EQ(deciding_site(failing), &failing.first_divergence->site);
}

TEST(Facts, AreNoneForAPlainPass) { EXPECT_TRUE(facts(with_verdict(Verdict::pass)).empty()); }

TEST(Facts, AnswerWhereAndHowMuchForAFailure) {
  const golden::CaseResult result = with_verdict(Verdict::fail);
  EXPECT_EQ(text_of(result, "site"), "moe_out, layer 1, call 0");
  EXPECT_EQ(text_of(result, "source"), "block_sparse_moe or mlp (in transformers)");
  EXPECT_EQ(text_of(result, "index"), "batch 1, token 3, channel 17");
  EXPECT_EQ(text_of(result, "expected"), "0.5");
  EXPECT_EQ(text_of(result, "actual"), "0.53125");
  EXPECT_EQ(text_of(result, "off by"), "3.1e-02");
  EXPECT_EQ(text_of(result, "rel_l2"), "3.1e-02, limit 1.0e-12");
  EXPECT_EQ(text_of(result, "max_abs"), "3.1e-02, limit 5.0e-12");
  EXPECT_EQ(text_of(result, "beyond"), "12 of 1344 elements");
  EXPECT_EQ(facts(result).back().label, "reproduce");
  EXPECT_EQ(facts(result).back().text, result.first_divergence->command);
}

TEST(Facts, SayThatTheActualValueIsNotFinite) {
  golden::CaseResult result = with_verdict(Verdict::fail);
  result.first_divergence->site.metrics.actual = NAN;
  EXPECT_EQ(text_of(result, "actual"), "NaN, which is not a finite number");
}

TEST(Facts, CountTheSitesThatDiffer) {
  golden::CaseResult result = with_verdict(Verdict::fail);
  result.sites[3].verdict = Verdict::fail;
  EXPECT_EQ(text_of(result, "site"), "moe_out, layer 1, call 0 (the first of 2 that differ)");
}

TEST(Facts, ListTheFirstFiveMissingSites) {
  golden::CaseResult result = with_verdict(Verdict::missing);
  for (std::size_t layer = 2; layer < 8; ++layer) {
    result.sites.push_back(samples::site(Site::moe_out, layer, Verdict::missing, 0));
  }
  const std::vector<Fact> all = facts(result);
  EXPECT_EQ(text_of(result, "missing"), "7 of 10 sites");
  const auto lines = std::ranges::count(all, "", &Fact::label);
  EXPECT_EQ(lines, 6);
  EXPECT_EQ(std::ranges::find(all, "and 2 more", &Fact::text)->text, "and 2 more");
  EXPECT_EQ(text_of(result, "expected"), "") << "a site that was not emitted has no figures";
}

TEST(Facts, GiveTheNoteOfAVacuousSite) {
  const std::vector<Fact> all = facts(with_verdict(Verdict::vacuous));
  EXPECT_EQ(all.at(0).text, "1 of 4 sites");
  EXPECT_EQ(all.at(1).text, "moe_out, layer 1, call 0: no token chose an expert");
}

TEST(Facts, SayThatNothingWasCompared) {
  golden::CaseResult result = with_verdict(Verdict::vacuous);
  result.sites.clear();
  EXPECT_EQ(text_of(result, "vacuous"), "no site was compared");
}

TEST(Facts, SayWhatStandsInForTheTruth) {
  golden::CaseResult result = with_verdict(Verdict::pass);
  result.witness = golden::Witness::hf32;
  EXPECT_EQ(text_of(result, "witness"), "no truth in this golden: judged against hf32");
}

TEST(Facts, CountTiedTokens) {
  EXPECT_EQ(text_of(with_verdict(Verdict::tie), "ties"), "2 tokens whose margins let rounding choose either expert");
}

TEST(Facts, GiveTheErrorAndThePath) {
  for (const Verdict verdict : {Verdict::invalid, Verdict::stale}) {
    const golden::CaseResult result = with_verdict(verdict);
    EXPECT_EQ(text_of(result, "error"), result.error);
    EXPECT_EQ(text_of(result, "golden"), result.golden);
  }
}

TEST(Facts, HaveLabelsThatFitTheirColumn) {
  for (const Verdict verdict : samples::all_verdicts) {
    for (const Fact& fact : facts(with_verdict(verdict))) EXPECT_LE(fact.label.size(), 9U) << fact.label;
  }
}

TEST(Headline, SaysWhatMakesTheVerdict) {
  EXPECT_EQ(headline(with_verdict(Verdict::pass)), "");
  EXPECT_EQ(headline(with_verdict(Verdict::tie)), "2 tied tokens");
  EXPECT_EQ(headline(with_verdict(Verdict::marginal)),
            "moe_out, layer 1, call 0: headroom 5.0%: rel_l2 9.5e-13, limit 1.0e-12; max_abs 9.5e-13, limit 5.0e-12");
  EXPECT_EQ(headline(with_verdict(Verdict::vacuous)), "1 of 4 sites vacuous");
  EXPECT_EQ(headline(with_verdict(Verdict::missing)), "1 of 4 sites missing");
  EXPECT_EQ(headline(with_verdict(Verdict::fail)),
            "moe_out, layer 1, call 0: rel_l2 3.1e-02, limit 1.0e-12; max_abs 3.1e-02, limit 5.0e-12");
  EXPECT_EQ(headline(with_verdict(Verdict::invalid)),
            "golden/data/phimoe_cache.h5: weights: expected sha256 0123, found 4567");
}

TEST(Tally, CountsEachVerdictThatOccurs) {
  golden::Verification verification;
  EXPECT_EQ(tally(verification), "0 cases: nothing was compared");
  verification.results = {with_verdict(Verdict::fail), with_verdict(Verdict::pass), with_verdict(Verdict::pass)};
  EXPECT_EQ(tally(verification), "3 cases: 2 PASS, 1 FAIL");
}

}  // namespace
}  // namespace assay::reports
