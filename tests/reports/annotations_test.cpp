// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/annotations.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/reports/samples.hpp"

namespace assay::reports {
namespace {

using golden::Verdict;
using samples::with_verdict;

TEST(Annotations, AreNoneForAPass) { EXPECT_EQ(github_annotations({{with_verdict(Verdict::pass)}}), ""); }

TEST(Annotations, TellAFailureInOneLine) {
  const std::string text = github_annotations({{with_verdict(Verdict::fail)}});
  EXPECT_TRUE(
      text.starts_with("::error file=golden/data/phimoe_cache.h5,"
                       "title=FAIL phimoe_cache (reference f64%2C free)::"
                       "moe_out, layer 1, call 0: rel_l2 3.1e-02, limit 1.0e-12; max_abs 3.1e-02, limit "
                       "5.0e-12"
                       "%0Asite: moe_out, layer 1, call 0%0A"))
      << text;
  EXPECT_TRUE(
      text.ends_with("%0Areproduce: assay verify golden/data/phimoe_cache.h5 --engine reference "
                     "--precision f64 --site moe_out --layer 1\n"))
      << text;
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
}

TEST(Annotations, HaveTheLevelOfTheVerdict) {
  EXPECT_TRUE(github_annotations({{with_verdict(Verdict::marginal)}}).starts_with("::warning file="));
  EXPECT_TRUE(github_annotations({{with_verdict(Verdict::tie)}}).starts_with("::notice file="));
  EXPECT_TRUE(github_annotations({{with_verdict(Verdict::stale)}}).starts_with("::error file="));
}

TEST(Annotations, EscapeWhatGitHubReads) {
  EXPECT_EQ(annotation_message("12% of a:b,c\r\nd"), "12%25 of a:b,c%0D%0Ad");
  EXPECT_EQ(annotation_property("12% of a:b,c\nd"), "12%25 of a%3Ab%2Cc%0Ad");
}

TEST(Annotations, LetNoNameStartACommandOfItsOwn) {
  golden::CaseResult result = with_verdict(Verdict::invalid);
  result.golden = "a\n::add-mask::x,title=y";
  result.error = "first\n::error::second";
  const std::string text = github_annotations({{result}});
  EXPECT_EQ(std::ranges::count(text, '\n'), 1) << text;
  const std::string properties = text.substr(0, text.find("::", 2));
  EXPECT_TRUE(properties.ends_with(",title=INVALID phimoe_cache (reference f64%2C free)")) << properties;
  EXPECT_EQ(properties.find(",title=y"), std::string::npos) << properties;
}

}  // namespace
}  // namespace assay::reports
