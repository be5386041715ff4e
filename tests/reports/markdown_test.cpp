// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/markdown.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/reports/samples.hpp"

namespace assay::reports {
namespace {

using golden::Verdict;
using samples::with_verdict;

TEST(Markdown, ShowsAPassAsOneRow) {
  EXPECT_EQ(to_markdown({{with_verdict(Verdict::pass)}}),
            "## assay verify: PASS\n\n"
            "1 case: 1 PASS (0.02 s)\n\n"
            "| verdict | case | engine | mode | sites | digits | headroom | noise | worst site | time | peak memory |\n"
            "|---|---|---|---|--:|--:|--:|--:|---|--:|--:|\n"
            "| PASS | phimoe_cache | reference f64 | free | 4 | 14.5 | 99.6% |  | 0 moe_out | 0.02 s | 12.3 MiB |\n");
}

TEST(Markdown, TellsSettingsAndBelowTheTableWhatAnEngineDoesNotShow) {
  golden::Verification verification = {{samples::of_optimized(), samples::of_optimized()}};
  verification.results[1].not_provided = {Site::attn_probs, Site::ssm_dt};
  const std::string text = to_markdown(verification);
  EXPECT_NE(text.find("| PASS | phimoe_cache | optimized f32, 2 threads, bf16 weights | free | 4 |"),
            std::string::npos);
  EXPECT_TRUE(text.ends_with(" |\n\nnot materialised by optimized: attn_visible, attn_scores, attn_probs, ssm_dt\n"))
      << text;
}

TEST(Markdown, ExplainsAFailureBelowTheTable) {
  const std::string text = to_markdown({{with_verdict(Verdict::fail)}});
  EXPECT_NE(text.find("\n### FAIL phimoe_cache (reference f64, free)\n\n"
                      "- site: moe_out, layer 1, call 0\n"
                      "- source: block_sparse_moe or mlp (in transformers)\n"
                      "- index: batch 1, token 3, channel 17\n"
                      "- expected: 0.5\n"
                      "- actual: 0.53125\n"
                      "- off by: 3.1e-02\n"
                      "- rel_l2: 3.1e-02, limit 1.0e-12\n"
                      "- max_abs: 3.1e-02, limit 5.0e-12\n"
                      "- beyond: 12 of 1344 elements\n"
                      "- digits: 1.5 verified\n\n"
                      "Reproduce:\n\n"
                      "```sh\n"
                      "assay verify golden/data/phimoe_cache.h5 --engine reference --precision f64 --site moe_out "
                      "--layer 1\n"
                      "```\n"),
            std::string::npos)
      << text;
}

TEST(Markdown, FoldsTheRowsOfTablesThatNeedAttention) {
  const std::string text = to_markdown({{samples::with_diagnosis()}});
  EXPECT_NE(text.find("<details><summary>Layer ledger: 1 of 2 rows</summary>\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n| 1 | 0 | 40% | 5.2x | 4.9x | moe_out | introduced |\n\n</details>\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("<summary>Routing: 2 of 2 rows</summary>"), std::string::npos) << text;
  EXPECT_NE(text.find("| WRONG | 1 | 0 | 4 | top k | 0 2 | 0 5 | 1.2e-01 | 3.0e-05 |"), std::string::npos) << text;
  EXPECT_NE(text.find("<summary>End to end: 1 of 1 row</summary>"), std::string::npos) << text;
  EXPECT_NE(text.find("| 930 of 3.1 | 1 moe_out |"), std::string::npos) << text;
}

TEST(Markdown, ShowsEveryVerdict) {
  const std::string text = to_markdown(samples::of_each_verdict());
  EXPECT_TRUE(text.starts_with("## assay verify: INVALID\n"));
  for (const Verdict verdict : samples::all_verdicts) {
    const std::string word(name(verdict));
    EXPECT_NE(text.find("| " + word + " | phimoe_cache |"), std::string::npos) << word;
    EXPECT_EQ(text.find("### " + word) != std::string::npos, verdict != Verdict::pass) << word;
  }
}

TEST(Markdown, HasAsManyCellsInEachRow) {
  const std::string text = to_markdown(samples::of_each_verdict());
  for (std::size_t at = text.find("\n| "); at != std::string::npos; at = text.find("\n| ", at + 1)) {
    const std::string row = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    EXPECT_EQ(std::count(row.begin(), row.end(), '|'), 12) << row;
  }
}

TEST(MarkdownText, EscapesWhatMarkdownReads) {
  EXPECT_EQ(markdown_text("a|b`c*d[e]"), "a\\|b\\`c\\*d\\[e\\]");
  EXPECT_EQ(markdown_text("<b> & \\"), "&lt;b> &amp; \\\\");
}

TEST(MarkdownText, KeepsUnderscoresInsideOfNames) {
  EXPECT_EQ(markdown_text("phimoe_cache"), "phimoe_cache");
  EXPECT_EQ(markdown_text("_x_ __"), "\\_x\\_ \\_\\_");
}

TEST(MarkdownText, KeepsACellOnItsLine) { EXPECT_EQ(markdown_text("a\nb"), "a\uFFFDb"); }

TEST(Markdown, FencesACommandThatHasBackticks) {
  golden::CaseResult result = with_verdict(Verdict::fail);
  result.first_divergence->command = "assay ```x```";
  EXPECT_NE(to_markdown({{result}}).find("````sh\nassay ```x```\n````\n"), std::string::npos);
}

TEST(Markdown, CallsNothingVacuous) {
  EXPECT_EQ(to_markdown({}), "## assay verify: VACUOUS\n\n0 cases: nothing was compared (0 ms)\n");
}

}  // namespace
}  // namespace assay::reports
