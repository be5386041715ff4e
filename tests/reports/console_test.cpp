// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/console.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>

#include "reports/text.hpp"
#include "tests/reports/samples.hpp"
#include "tests/reports/text.hpp"

namespace assay::reports {
namespace {

using golden::Verdict;
using samples::with_verdict;

constexpr Style quiet{Colour::never, Show::broken};

void expect_80_columns(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const bool is_command = line.find("reproduce: ") != std::string::npos;
    EXPECT_TRUE(is_command || columns(line) <= 80) << line;
  }
}

TEST(Console, ShowsAPassInOneLine) {
  EXPECT_EQ(console({{with_verdict(Verdict::pass)}}, plain),
            "reference f64, free               sites   time digits headroom worst site\n"
            "PASS     phimoe_cache                 4 0.02 s   14.5    99.6% 0 moe_out\n"
            "\n"
            "PASS     1 case: 1 PASS  (0.02 s, peak 12.3 MiB, 4.4 MiB allocated)\n");
}

TEST(Console, ShowsUnderAFailureWhereItIsAndWhatToType) {
  EXPECT_EQ(console({{with_verdict(Verdict::fail)}}, plain),
            "reference f64, free               sites   time digits headroom worst site\n"
            "FAIL     phimoe_cache                 4 0.02 s    1.5    1e10x 1 moe_out\n"
            "    site:      moe_out, layer 1, call 0\n"
            "    source:    block_sparse_moe or mlp (in transformers)\n"
            "    index:     batch 1, token 3, channel 17\n"
            "    expected:  0.5\n"
            "    actual:    0.53125\n"
            "    off by:    3.1e-02\n"
            "    rel_l2:    3.1e-02, limit 1.0e-12\n"
            "    max_abs:   3.1e-02, limit 5.0e-12\n"
            "    beyond:    12 of 1344 elements\n"
            "    digits:    1.5 verified\n"
            "    reproduce: assay verify golden/data/phimoe_cache.h5 --engine reference --precision f64 --site moe_out "
            "--layer 1\n"
            "\n"
            "FAIL     1 case: 1 FAIL  (0.02 s, peak 12.3 MiB, 4.4 MiB allocated)\n");
}

TEST(Console, ShowsTheErrorOfWhatCouldNotBeJudged) {
  golden::CaseResult result = with_verdict(Verdict::invalid);
  result.case_name.clear();
  result.error = "golden/data/phimoe_cache.h5: not an HDF5 file";
  EXPECT_EQ(CaseLines(plain).next(result),
            "reference f64, free               sites   time digits headroom worst site\n"
            "INVALID  phimoe_cache.h5              0 0.02 s\n"
            "    error:     golden/data/phimoe_cache.h5: not an HDF5 file\n"
            "    golden:    golden/data/phimoe_cache.h5\n");
}

TEST(Console, ShowsEveryVerdictWithin80Columns) {
  const std::string text = console(samples::of_each_verdict(), plain);
  for (const Verdict verdict : samples::all_verdicts) {
    EXPECT_NE(text.find("\n" + std::string(name(verdict)) + " "), std::string::npos) << name(verdict);
  }
  expect_80_columns(text);
}

TEST(Console, StaysWithin80ColumnsForLongNamesAndNotes) {
  golden::CaseResult result = with_verdict(Verdict::fail);
  result.case_name = "granitemoehybrid_attention_only_with_a_name_that_is_far_too_long";
  result.mode = golden::Mode::injected;
  result.seconds = 1234.5;
  result.sites[2] = samples::site(Site::router_weights, 39, Verdict::fail, 3.1e-15);
  result.sites[2].note =
      "a clause that goes on and on, for longer than a terminal of the usual width can hold in a line";
  result.first_divergence->site = result.sites[2];
  const std::string text = console({{result}}, plain);
  EXPECT_NE(text.find("\u2026"), std::string::npos);
  expect_80_columns(text);
  expect_80_columns(layer_table(result, plain));
}

TEST(Console, ShowsWhatTheJudgeKnowsOfAFailureWithin80Columns) {
  const std::string text = CaseLines(plain).next(samples::with_diagnosis());
  EXPECT_NE(text.find("    noise:     tensor 5.1 of 2.5, row 930 of 3.1 (row 4 of 12), column 2.0 of\n"
                      "               4.0 (column 17 of 48), largest 41.0 of 4.0, bias 0.50 of 2.0\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("    origin:    layer 1, call 0: introduced (in 40%, out 5.2x, own 4.9x at\n"
                      "               moe_out)\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("    routing:   24 decisions: 22 EXACT, 1 TIE, 1 WRONG\n"
                      "               layer 1, call 0, token 4: WRONG, top k: expected experts 0 2,\n"
                      "               found 0 5 (margin 1.2e-01, bound 3.0e-05)\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("    outcome:   call 0: KL mean 1.2e-09, gate 2.0e-09; max 9.0e-09, gate 8.0e-09;\n"
                      "               top-1 same in 10 of 12 rows, 1 tie, 1 wrong\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("    unjudged:  3 rows of layers behind a tie\n"), std::string::npos) << text;
  expect_80_columns(text);
  expect_80_columns(layer_table(samples::with_diagnosis(), plain));
}

TEST(Console, ShowsOfAMarginalCaseHowLittleIsLeft) {
  EXPECT_EQ(CaseLines(plain).next(with_verdict(Verdict::marginal)),
            "reference f64, free               sites   time digits headroom worst site\n"
            "MARGINAL phimoe_cache                 4 0.02 s   12.0     5.0% 1 moe_out\n"
            "    marginal:  1 of 4 sites\n"
            "               moe_out, layer 1, call 0: headroom 5.0%: rel_l2 9.5e-13, limit\n"
            "               1.0e-12; max_abs 9.5e-13, limit 5.0e-12\n");
}

TEST(Console, PrintsAHeadingForEachEngineAndMode) {
  golden::Verification verification = {{with_verdict(Verdict::pass), with_verdict(Verdict::pass)}};
  verification.results.push_back(with_verdict(Verdict::pass));
  verification.results.back().mode = golden::Mode::injected;
  const std::string text = console(verification, plain);
  EXPECT_EQ(text.find("reference f64, free"), text.rfind("reference f64, free"));
  EXPECT_NE(text.find("reference f64, injected"), std::string::npos);
}

TEST(Console, TellsSettingsAndWhatAnEngineDoesNotShowOnce) {
  golden::Verification verification = {{samples::of_optimized(), samples::of_optimized()}};
  verification.results.push_back(samples::of_optimized());
  verification.results[2].not_provided = {Site::attn_probs, Site::in_proj,        Site::conv_out,  Site::ssm_dt,
                                          Site::ssm_out,    Site::expert_gate_up, Site::expert_act};
  const std::string text = console(verification, plain);
  EXPECT_TRUE(
      text.starts_with("optimized f32, 2 threads, bf16 weights, free\n"
                       "                                  sites   time digits headroom worst site\n"
                       "    not materialised by optimized: attn_visible, attn_scores, attn_probs\n"
                       "PASS     phimoe_cache                 4 0.02 s   14.5    99.6% 0 moe_out\n"
                       "PASS     phimoe_cache                 4 0.02 s   14.5    99.6% 0 moe_out\n"
                       "    not materialised by optimized: in_proj, conv_out, ssm_dt, ssm_out,\n"
                       "      expert_gate_up, expert_act\n"
                       "PASS     phimoe_cache                 4 0.02 s   14.5    99.6% 0 moe_out\n"))
      << text;
  expect_80_columns(text);
}

TEST(Console, SaysOfAVacuousCaseWhatTheEngineDoesNotShow) {
  golden::CaseResult result = samples::of_optimized();
  result.verdict = Verdict::vacuous;
  result.sites.clear();
  result.not_provided = {Site::attn_probs};
  EXPECT_NE(CaseLines(plain).next(result).find(
                "    vacuous:   no site was compared; not materialised by optimized: attn_probs\n"),
            std::string::npos);
}

TEST(Console, ShowsOnlyWhatDoesNotHoldWhenQuiet) {
  EXPECT_EQ(console({{with_verdict(Verdict::pass), with_verdict(Verdict::tie)}}, quiet), "");
  const std::string text = console(samples::of_each_verdict(), quiet);
  EXPECT_EQ(text.find("PASS"), std::string::npos);
  EXPECT_EQ(text.find("TIE"), std::string::npos);
  EXPECT_EQ(text.find("cases:"), std::string::npos);
  for (const char* const verdict : {"VACUOUS", "MISSING", "STALE", "FAIL", "INVALID"}) {
    EXPECT_NE(text.find(verdict), std::string::npos) << verdict;
  }
}

TEST(Console, ColoursOnlyWhenAsked) {
  const golden::Verification all = samples::of_each_verdict();
  EXPECT_EQ(console(all, plain).find('\x1b'), std::string::npos);
  const std::string coloured = console(all, {Colour::always, Show::all});
  EXPECT_NE(coloured.find("\x1b[32mPASS    \x1b[0m"), std::string::npos);
  EXPECT_NE(coloured.find("\x1b[1;31mFAIL    \x1b[0m"), std::string::npos);
}

TEST(Console, LetsNoNameMoveTheCursor) {
  golden::CaseResult result = with_verdict(Verdict::invalid);
  result.case_name = "a\x1b[2J";
  result.error = "first\nsecond\x1b[0m";
  const std::string text = console({{result}}, plain);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find("\nsecond"), std::string::npos);
}

TEST(Console, CallsNothingVacuous) {
  EXPECT_EQ(console({}, plain), "\nVACUOUS  0 cases: nothing was compared  (0 ms)\n");
}

TEST(LayerTable, HasALineForTheModelAndForEachLayer) {
  golden::CaseResult result = with_verdict(Verdict::fail);
  result.sites.push_back(samples::site(Site::layer_out, 1, Verdict::pass, 1));
  EXPECT_EQ(layer_table(result, plain),
            "phimoe_cache, reference f64, free\n"
            "5 sites in 0.02 s, peak 12.3 MiB, 4.4 MiB allocated\n"
            "layer verdict  worst site     call  rel_l2   limit  noise  gate digits headroom\n"
            "model PASS     logits            0 1.0e-15 1.0e-12      -     -   15.0    99.9%\n"
            "    0 PASS     moe_out           0 3.1e-15 1.0e-12      -     -   14.5    99.6%\n"
            "    1 FAIL     moe_out           0 3.1e-02 1.0e-12      -     -    1.5    1e10x\n")
      << "the worse verdict goes before the larger error";
}

TEST(LayerTable, HasNoFiguresForAMissingSite) {
  EXPECT_NE(layer_table(with_verdict(Verdict::missing), plain).find("    1 MISSING  moe_out           0\n"),
            std::string::npos);
}

}  // namespace
}  // namespace assay::reports
