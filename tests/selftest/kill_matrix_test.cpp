// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// When the self-test holds: on matrices made by hand, each of which is good but for one thing.
#include "selftest/kill_matrix.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "selftest/console.hpp"
#include "selftest/json.hpp"
#include "selftest/markdown.hpp"
#include "selftest/words.hpp"

namespace assay::test {
namespace {

using selftest::Aggregate;
using selftest::Control;
using selftest::in_layer;
using selftest::KillMatrix;
using selftest::Mutant;
using selftest::MutantResult;
using selftest::Place;
using selftest::Sense;
using selftest::Totals;
using selftest::Trial;

Trial killed(Precision precision) {
  return {precision, true, 7.0, {Sense::tensor, Sense::row}, {Aggregate::nmse}, Place::right, "call 0 layer 1 q_proj"};
}

Trial survived(Precision precision) { return {precision, false, 0.5, {}, {}, Place::none, "nothing"}; }

MutantResult result(const std::string& name, std::vector<Trial> trials) {
  Mutant mutant{name, "something is wrong", 3, "granitemoe_prefill", in_layer(0, 1, Site::q_proj), {}};
  return {mutant, std::move(trials)};
}

Control green(golden::Mode mode) {
  return {"granitemoe_prefill", Precision::f32, mode, golden::Verdict::pass, "nothing"};
}

class AKillMatrix : public testing::Test {
 protected:
  KillMatrix matrix{{result("dead", {killed(Precision::f32), killed(Precision::f64)}),
                     result("below-the-noise", {survived(Precision::f32), killed(Precision::f64)})},
                    {green(golden::Mode::free), green(golden::Mode::injected)}};

  Trial& first() { return matrix.results[0].trials[0]; }
};

TEST_F(AKillMatrix, HoldsWhereAllThatMattersIsKilledAndNamed) {
  EXPECT_TRUE(selftest::holds(matrix));
  const Totals totals = selftest::totals_of(matrix);
  EXPECT_EQ(totals.mutants, 2U);
  EXPECT_EQ(totals.killed, 2U);
  EXPECT_EQ(totals.killed_late, 1U);
  EXPECT_EQ(totals.trials, 4U);
  EXPECT_EQ(totals.required, 3U);
  EXPECT_EQ(totals.killed_trials, 3U);
  EXPECT_EQ(totals.localised, 3U);
}

TEST_F(AKillMatrix, DoesNotHoldWhereAMutantThatChangesALogitEscapes) {
  first() = survived(Precision::f32);
  EXPECT_TRUE(selftest::holds(matrix)) << "below the noise";
  first().logit_change = 1.001;
  EXPECT_FALSE(selftest::holds(matrix));
  EXPECT_EQ(fate(matrix.results[0]), "ESCAPED");
  EXPECT_EQ(problem_lines(matrix).front(),
            "dead in granitemoe_prefill, f32: escaped, though a logit changes by 1 times the noise");
}

TEST_F(AKillMatrix, TakesANaNOfALogitForAChange) {
  first() = survived(Precision::f32);
  first().logit_change = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(selftest::holds(matrix));
}

TEST_F(AKillMatrix, DoesNotHoldWhereTooManyAreNamedElsewhere) {
  first().place = Place::other;
  first().first_divergence = "call 0 logits";
  EXPECT_FALSE(selftest::holds(matrix)) << "two of three";
  EXPECT_EQ(problem_lines(matrix).front(),
            "dead in granitemoe_prefill, f32: expected the first divergence at call 0 layer 1 q_proj, found it at "
            "call 0 logits");
  // 19 of 20 is 95 %.
  for (int i = 0; i < 17; ++i) matrix.results.push_back(result("more", {killed(Precision::f64)}));
  EXPECT_TRUE(selftest::holds(matrix));
  matrix.results.pop_back();
  EXPECT_FALSE(selftest::holds(matrix));
}

TEST_F(AKillMatrix, CountsASiteThatIsNamedInAnInjectedRunOnly) {
  first().place = Place::right_injected;
  EXPECT_TRUE(selftest::holds(matrix));
  EXPECT_EQ(selftest::totals_of(matrix).in_injected, 1U);
}

TEST_F(AKillMatrix, DoesNotHoldWhereAHealthyRunIsRed) {
  matrix.controls[1].verdict = golden::Verdict::fail;
  matrix.controls[1].first_divergence = "call 0 logits";
  EXPECT_FALSE(selftest::holds(matrix));
  EXPECT_EQ(problem_lines(matrix).front(),
            "granitemoe_prefill, f32, injected: nothing is wrong, expected PASS, found FAIL at call 0 logits");
}

TEST_F(AKillMatrix, OfNothingProvesNothing) {
  EXPECT_FALSE(selftest::holds({}));
  EXPECT_FALSE(selftest::holds({matrix.results, {}})) << "without a healthy run";
  EXPECT_FALSE(selftest::holds({{}, matrix.controls}));
}

TEST_F(AKillMatrix, MarksWhatFloat32NoticedAndWhatFloat64Alone) {
  EXPECT_EQ(mark(matrix.results[0], Sense::row), "K");
  EXPECT_EQ(mark(matrix.results[0], Sense::bias), ".");
  EXPECT_EQ(mark(matrix.results[1], Sense::row), "k");
  EXPECT_EQ(mark(matrix.results[0], Aggregate::nmse), "K");
  EXPECT_EQ(mark(matrix.results[0], Aggregate::cosine), ".");
  EXPECT_EQ(fate(matrix.results[0]), "killed");
  EXPECT_EQ(fate(matrix.results[1]), "f64 only");
  EXPECT_EQ(fate(result("alive", {survived(Precision::f32)})), "survived");
}

TEST_F(AKillMatrix, IsAtMostEightyColumnsWide) {
  matrix.results[0].mutant.name = std::string(33, 'n');
  matrix.results[1].mutant.reason = "a reason of many words that has to be broken somewhere, for it is long";
  first().place = Place::other;
  for (const std::string& text :
       {console_text(matrix, 12.3), selftest::list_text(std::vector<Mutant>{matrix.results[1].mutant})}) {
    std::size_t start = 0;
    while (start < text.size()) {
      const std::size_t end = text.find('\n', start);
      EXPECT_LE(end - start, 80U) << text.substr(start, end - start);
      start = end + 1;
    }
  }
}

TEST_F(AKillMatrix, IsToldWithItsSurvivorsAndTotals) {
  matrix.results[1].mutant.reason = "float32 rounds it away";
  const std::string text = console_text(matrix, 12.3);
  EXPECT_NE(text.find("*dead                              K K . . . . . . . .  . K . .  killed   ok\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("  below-the-noise in f32: something is wrong; float32 rounds it away\n"), std::string::npos);
  EXPECT_NE(text.find("2 mutants: 2 killed (1 in float64 only), 0 survive\n"
                      "3 of 4 runs change a logit by more than the noise: 0 of them escape\n"
                      "3 of 3 killed runs name the right site first: 100.0 %\n"
                      "2 healthy runs: 0 false alarms\n"
                      "PASS (12.3 s)\n"),
            std::string::npos)
      << text;
  first() = survived(Precision::f32);
  first().logit_change = 2.0;
  EXPECT_TRUE(console_text(matrix, 1.0).ends_with("FAIL (1.0 s)\n"));
}

TEST_F(AKillMatrix, OnAPageIsReadBackRowByRow) {
  const std::vector<selftest::PageRow> rows = selftest::rows_of_page(selftest::markdown(matrix));
  const std::vector<selftest::PageRow> expected{{"dead", "f32 f64", "killed"}, {"below-the-noise", "f64", "f64 only"}};
  EXPECT_EQ(rows, expected);
}

TEST_F(AKillMatrix, ForScriptsHasEveryTrial) {
  const boost::json::object object = selftest::json(matrix, 1.5);
  EXPECT_EQ(object.at("schema").as_string(), "assay.selftest/1");
  EXPECT_TRUE(object.at("holds").as_bool());
  EXPECT_EQ(object.at("totals").at("killed_in_float64_only").to_number<int>(), 1);
  const boost::json::value& trial = object.at("mutants").as_array()[1].at("trials").as_array()[0];
  EXPECT_FALSE(trial.at("killed").as_bool());
  EXPECT_EQ(trial.at("precision").as_string(), "f32");
  EXPECT_EQ(object.at("mutants").as_array()[0].at("trials").as_array()[0].at("seen_by").as_array().size(), 2U);
  EXPECT_EQ(object.at("controls").as_array()[1].at("mode").as_string(), "injected");
}

}  // namespace
}  // namespace assay::test
