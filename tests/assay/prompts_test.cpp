// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/prompts.hpp"

#include <gtest/gtest.h>

#include "tests/support/config_text.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/temporary_folder.hpp"

namespace assay::test {
namespace {

using Ids = std::vector<std::int64_t>;

TEST(ParseIds, TakesCommasAndBlanks) {
  EXPECT_EQ(parse_ids("--ids", "1,2,30"), (Ids{1, 2, 30}));
  EXPECT_EQ(parse_ids("--ids", " 1, 2 3\n"), (Ids{1, 2, 3}));
  EXPECT_EQ(parse_ids("--ids", "-4"), (Ids{-4})) << "the vocabulary is asked later";
}

TEST(ParseIds, ReadsAFile) {
  const TemporaryFolder folder;
  const std::string path = folder.add("ids.txt", "5, 6,\n7 8\n").string();
  EXPECT_EQ(parse_ids("--ids", "@" + path), (Ids{5, 6, 7, 8}));
}

TEST(ParseIds, RefusesWhatIsNoNumber) {
  const auto refusal = [](const std::string& text) { return error_of([&] { (void)parse_ids("--ids", text); }); };
  for (const char* text : {"", " ", "\n"})
    EXPECT_EQ(refusal(text), "--ids: expected at least one token id, found none");
  for (const char* text : {",", "1,", "1,,2", ",1"}) {
    EXPECT_EQ(refusal(text), "--ids: expected token ids separated by commas, found \"\"") << text;
  }
  EXPECT_EQ(refusal("1,2x"), "--ids: expected token ids separated by commas, found \"2x\"");
  EXPECT_EQ(refusal("1.5"), "--ids: expected token ids separated by commas, found \"1.5\"");
  EXPECT_EQ(refusal("99999999999999999999"),
            "--ids: expected token ids separated by commas, found \"99999999999999999999\"");
}

TEST(ParseIds, NamesTheFile) {
  const TemporaryFolder folder;
  const std::string path = folder.add("ids.txt", "1 two").string();
  EXPECT_EQ(error_of([&] { (void)parse_ids("--ids", "@" + path); }),
            path + ": expected token ids separated by commas, found \"two\"");
  const std::string none = (folder.path() / "none").string();
  EXPECT_EQ(error_of([&] { (void)parse_ids("--ids", "@" + none); }),
            none + ": cannot be opened: No such file or directory");
}

class ReadPrompts : public testing::Test {
 protected:
  [[nodiscard]] std::string file(std::string_view content) const { return folder.add("prompts.txt", content).string(); }
  TemporaryFolder folder;
};

TEST_F(ReadPrompts, TakesOneALine) {
  const std::vector<Prompt> prompts = read_prompts(file("1, 2,3\n\n# 4 5\n  6 7\r\n \t\n8"));
  ASSERT_EQ(prompts.size(), 3U);
  EXPECT_EQ(prompts[0].ids, (Ids{1, 2, 3}));
  EXPECT_EQ(prompts[1].ids, (Ids{6, 7}));
  EXPECT_EQ(prompts[2].ids, (Ids{8}));
  EXPECT_EQ(prompts[1].where, (folder.path() / "prompts.txt").string() + ": line 4");
}

TEST_F(ReadPrompts, NamesTheLineThatIsNone) {
  const std::string path = file("1\n2, x\n");
  EXPECT_EQ(error_of([&] { (void)read_prompts(path); }),
            path + ": line 2: expected token ids separated by commas, found \"x\"");
  EXPECT_EQ(error_of([&] { (void)read_prompts(file("1,\n")); }),
            path + ": line 1: expected token ids separated by commas, found \"\"");
}

TEST_F(ReadPrompts, RefusesAFileWithoutOne) {
  const std::string path = file("\n# none\n");
  EXPECT_EQ(error_of([&] { (void)read_prompts(path); }), path + ": expected at least one prompt, found none");
  EXPECT_EQ(error_of([&] { (void)read_prompts("/none/prompts"); }),
            "/none/prompts: cannot be opened: No such file or directory");
}

TEST(CheckIds, NamesThePromptAndTheToken) {
  const Config config = parse_config(granite_moe_text(), "config.json");
  EXPECT_NO_THROW(check_ids({"--ids", {0, 96}}, config));
  EXPECT_EQ(error_of([&] {
              check_ids({"p: line 2", {1, 97}}, config);
            }),
            "p: line 2: token 1: expected 0 to 96 (vocab_size 97), found 97");
}

}  // namespace
}  // namespace assay::test
