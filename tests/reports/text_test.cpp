// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/text.hpp"

#include <gtest/gtest.h>

namespace assay::reports {
namespace {

TEST(ValidUtf8, KeepsWhatIsValid) { EXPECT_EQ(valid_utf8("a\u00e9\u2026\U0001F600"), "a\u00e9\u2026\U0001F600"); }

TEST(ValidUtf8, ReplacesEveryByteThatIsNot) {
  EXPECT_EQ(valid_utf8("a\xFF"
                       "b"),
            "a\uFFFDb");
  EXPECT_EQ(valid_utf8("\xE2\x80"), "\uFFFD\uFFFD") << "the text ends inside of a code point";
  EXPECT_EQ(valid_utf8("\xC0\x80"), "\uFFFD\uFFFD") << "a longer form of NUL";
  EXPECT_EQ(valid_utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "a surrogate";
  EXPECT_EQ(valid_utf8("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD") << "beyond U+10FFFF";
}

TEST(Printable, ReplacesControlCharacters) { EXPECT_EQ(printable("a\x1b[2Jb\nc\u0085"), "a\uFFFD[2Jb\uFFFDc\uFFFD"); }

TEST(Shorten, LeavesWhatFits) { EXPECT_EQ(shorten("phimoe", 6), "phimoe"); }

TEST(Shorten, CutsTheMiddle) {
  EXPECT_EQ(shorten("granitemoe_cache", 8), "gran\u2026che");
  EXPECT_EQ(columns(shorten("granitemoe_cache", 8)), 8U);
}

TEST(Shorten, CutsBetweenCodePoints) {
  EXPECT_EQ(shorten("\u00e9\u00e9\u00e9\u00e9\u00e9", 3), "\u00e9\u2026\u00e9");
  EXPECT_EQ(shorten("abc", 1), "\u2026");
  EXPECT_EQ(shorten("abc", 0), "");
}

TEST(Wrap, BreaksAtSpaces) { EXPECT_EQ(wrap("one two three", 7), (std::vector<std::string>{"one two", "three"})); }

TEST(Wrap, GivesALongWordItsOwnLine) {
  EXPECT_EQ(wrap("a long-long-word b", 6), (std::vector<std::string>{"a", "long-long-word", "b"}));
}

TEST(Wrap, GivesOneLineForNothing) { EXPECT_EQ(wrap("", 6), std::vector<std::string>{""}); }

}  // namespace
}  // namespace assay::reports
