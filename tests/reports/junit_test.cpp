// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/junit.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "tests/reports/samples.hpp"

namespace assay::reports {
namespace {

using golden::Verdict;
using samples::with_verdict;

/// Whether every element is closed in order and no bare special character is left: enough of XML for what we write.
bool is_well_formed(std::string_view text) {
  std::vector<std::string> open;
  text.remove_prefix(text.find("?>") + 2);
  while (!text.empty()) {
    const std::size_t start = text.find('<');
    if (text.substr(0, start).find('>') != std::string_view::npos) return false;
    if (start == std::string_view::npos) break;
    const std::size_t end = text.find('>', start);
    if (end == std::string_view::npos) return false;
    const std::string_view tag = text.substr(start + 1, end - start - 1);
    if (tag.find('<') != std::string_view::npos) return false;
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) return false;
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.emplace_back(tag.substr(0, tag.find(' ')));
    }
    text.remove_prefix(end + 1);
  }
  return open.empty();
}

TEST(Junit, ShowsAPassWithWhatItIsVerifiedTo) {
  EXPECT_EQ(to_junit({{with_verdict(Verdict::pass)}}),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites>\n"
            "  <testsuite name=\"assay.verify\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" "
            "time=\"0.020000\">\n"
            "    <testcase classname=\"phimoe\" name=\"phimoe_cache reference f64 free\" time=\"0.020000\">\n"
            "      <properties>\n"
            "        <property name=\"verdict\" value=\"PASS\"/>\n"
            "        <property name=\"digits\" value=\"14.5\"/>\n"
            "        <property name=\"headroom\" value=\"99.6%\"/>\n"
            "        <property name=\"worst site\" value=\"moe_out, layer 0, call 0\"/>\n"
            "      </properties>\n"
            "    </testcase>\n"
            "  </testsuite>\n"
            "</testsuites>\n");
}

TEST(Junit, TellsSettingsAndWhatAnEngineDoesNotShow) {
  const std::string text = to_junit({{samples::of_optimized()}});
  EXPECT_NE(text.find("name=\"phimoe_cache optimized f32, 2 threads, bf16 weights free\""), std::string::npos) << text;
  EXPECT_NE(
      text.find("<system-out>not materialised by optimized: attn_visible, attn_scores, attn_probs\n</system-out>"),
      std::string::npos);
}

TEST(Junit, PutsTheFiguresOfAFailureIntoItsText) {
  const std::string text = to_junit({{with_verdict(Verdict::fail)}});
  EXPECT_NE(text.find("<failure type=\"FAIL\" message=\"moe_out, layer 1, call 0: rel_l2 3.1e-02"), std::string::npos);
  EXPECT_NE(text.find("index: batch 1, token 3, channel 17\n"), std::string::npos);
  EXPECT_NE(text.find("reproduce: assay verify golden/data/phimoe_cache.h5"), std::string::npos);
}

TEST(Junit, CountsFailuresAndErrors) {
  const std::string text = to_junit(samples::of_each_verdict());
  EXPECT_NE(text.find("tests=\"8\" failures=\"1\" errors=\"4\" skipped=\"0\""), std::string::npos);
  EXPECT_TRUE(is_well_formed(text));
}

TEST(Junit, CallsAnErrorWhatCouldNotBeJudgedOrProvesNothing) {
  for (const Verdict verdict : {Verdict::vacuous, Verdict::missing, Verdict::stale, Verdict::invalid}) {
    const std::string text = to_junit({{with_verdict(verdict)}});
    EXPECT_NE(text.find("<error type=\"" + std::string(name(verdict)) + "\""), std::string::npos) << name(verdict);
    EXPECT_EQ(text.find("<failure"), std::string::npos);
  }
}

TEST(Junit, LetsATiePassAndSaysSo) {
  const std::string text = to_junit({{with_verdict(Verdict::tie)}});
  EXPECT_NE(text.find("<system-out>ties: 2 tokens"), std::string::npos);
  EXPECT_NE(text.find("failures=\"0\" errors=\"0\""), std::string::npos);
}

TEST(Junit, HasNoiseRoutingAndOutcomeAsProperties) {
  const std::string text = to_junit({{samples::with_diagnosis()}});
  EXPECT_NE(text.find("<property name=\"noise\" value=\"tensor 5.1 of 2.5, row 930 of 3.1 (row 4 of 12)"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("<property name=\"routing\" value=\"24 decisions: 22 EXACT, 1 TIE, 1 WRONG\"/>"),
            std::string::npos);
  EXPECT_NE(text.find("<property name=\"end to end\" value=\"call 0: KL mean 1.2e-09"), std::string::npos);
  EXPECT_TRUE(is_well_formed(text)) << text;
}

TEST(XmlText, EscapesWhatXmlReads) {
  EXPECT_EQ(xml_text("a<b>&\"c\"]]>"), "a&lt;b&gt;&amp;&quot;c&quot;]]&gt;");
  EXPECT_EQ(xml_text("a\tb\r\nc"), "a&#9;b&#13;\nc");
}

TEST(XmlText, ReplacesWhatXmlCannotHold) {
  EXPECT_EQ(xml_text(std::string_view("a\0b\x1b"
                                      "c",
                                      5)),
            "a\uFFFDb\uFFFDc");
  EXPECT_EQ(xml_text("\xEF\xBF\xBE\xFF"), "\uFFFD\uFFFD");
}

TEST(Junit, StaysWellFormedForAnyName) {
  golden::CaseResult result = with_verdict(Verdict::invalid);
  result.case_name = "<a b=\"c\">";
  result.model_type = "x\ny\x01";
  result.error = "expected '<', found ']]>' & \x02\xFF";
  const std::string text = to_junit({{result}});
  EXPECT_TRUE(is_well_formed(text)) << text;
  for (const char character : text) {
    EXPECT_TRUE(character == '\n' || std::iscntrl(static_cast<unsigned char>(character)) == 0);
  }
}

}  // namespace
}  // namespace assay::reports
