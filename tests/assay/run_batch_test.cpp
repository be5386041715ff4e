// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay run with several prompts, and by sampling.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "tests/assay/program.hpp"

namespace assay::test {
namespace {

using Ids = std::vector<std::int64_t>;

/// A committed golden's weights, and runs of them.
class Runs {
 protected:
  explicit Runs(const std::string& case_name) : golden(case_name) {}

  [[nodiscard]] std::string prompts(std::string_view text) const {
    return golden.copy.folder().add("prompts.txt", text).string();
  }

  [[nodiscard]] ChildResult run(std::vector<std::string> more, const std::string& engine = "reference") const {
    more.insert(more.begin(), {"run", golden.checkpoint().string(), "--engine", engine, "--max-new-tokens", "12"});
    return assay_program(more);
  }

  /// The ids of every row.
  [[nodiscard]] std::vector<Ids> ids(std::vector<std::string> more, const std::string& engine = "reference") const {
    more.insert(more.end(), {"--json", "-"});
    const ChildResult result = run(more, engine);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::vector<Ids> rows;
    if (result.exit_code != 0) return rows;
    const boost::json::value document = json_of(result.out);
    for (const auto& row : document.at("rows").as_array()) {
      rows.emplace_back();
      for (const auto& id : row.at("ids").as_array()) rows.back().push_back(id.to_number<std::int64_t>());
    }
    return rows;
  }

  CheckpointGolden golden;
};

class RunOfPrompts : public testing::TestWithParam<std::string>, protected Runs {
 protected:
  RunOfPrompts() : Runs(GetParam()) {}
};

class RunOfPromptsOfOneModel : public testing::Test, protected Runs {
 protected:
  RunOfPromptsOfOneModel() : Runs("granitemoe_cache") {}
};

constexpr std::string_view three = "# of different lengths\n3 14 15 9 2 6\n5\n\n8,9,7\n";

TEST_P(RunOfPrompts, InABatchGivesWhatEachPromptGivesByItself) {
  const std::string file = prompts(three);
  const std::vector<Ids> alone = ids({"--prompts", file, "--ignore-eos"});
  ASSERT_EQ(alone.size(), 3U);
  EXPECT_EQ(ids({"--prompts", file, "--ignore-eos", "--batch"}), alone);
  EXPECT_EQ(ids({"--ids", "8,9,7", "--ignore-eos"})[0], alone[2]);
  if (has_optimized_engine()) {
    EXPECT_EQ(ids({"--prompts", file, "--ignore-eos", "--batch"}, "optimized"), alone);
  }
}

TEST_P(RunOfPrompts, SamplesTheSameInABatchAndInBothEngines) {
  const std::string file = prompts(three);
  const std::vector<std::string> sampled{
      "--prompts", file,      "--ignore-eos", "--temperature",        "0.8", "--top-k", "6", "--top-p",
      "0.9",       "--min-p", "0.02",         "--repetition-penalty", "1.1", "--seed",  "3"};
  std::vector<std::string> batched = sampled;
  batched.emplace_back("--batch");
  const std::vector<Ids> alone = ids(sampled);
  EXPECT_EQ(ids(batched), alone);
  if (has_optimized_engine()) {
    EXPECT_EQ(ids(batched, "optimized"), alone);
  }
  std::vector<std::string> other = sampled;
  other.back() = "4";
  EXPECT_NE(ids(other), alone);
}

INSTANTIATE_TEST_SUITE_P(Of, RunOfPrompts,
                         testing::Values("granitemoe_cache", "granitemoeshared_cache", "granitemoehybrid_cache",
                                         "phimoe_cache", "phimoe_sliding_window"),
                         [](const auto& of_case) { return of_case.param; });

TEST_F(RunOfPromptsOfOneModel, FillsUpRowsThatHaveEnded) {
  const std::string file = prompts(three);
  const std::vector<Ids> all = ids({"--prompts", file, "--ignore-eos"});
  // An end of text that the first row meets and the second does not meet earlier; the pad is another id.
  golden.copy.folder().add("model/generation_config.json",
                           "{\"eos_token_id\": [" + std::to_string(all[0][2]) + "], \"pad_token_id\": 0}");
  const ChildResult result = run({"--prompts", file, "--batch", "--json", "-"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const boost::json::value document = json_of(result.out);
  const auto& rows = document.at("rows").as_array();
  EXPECT_EQ(rows[0].at("stopped_at_eos"), true);
  const std::size_t made = rows[0].at("new_tokens").to_number<std::size_t>();
  EXPECT_LE(made, 3U);
  const auto& row = rows[0].at("ids").as_array();
  EXPECT_EQ(row.size(), rows[1].at("ids").as_array().size());
  for (std::size_t i = made; i < row.size(); ++i) EXPECT_EQ(row[i], 0);
}

TEST_F(RunOfPromptsOfOneModel, PrintsTheIdsOfEachAndTheSumOfAll) {
  const std::string file = prompts(three);
  const ChildResult result = run({"--prompts", file, "--batch", "--ignore-eos", "--top-k", "3", "--seed", "7"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const char* part :
       {"ids 0        ", "\nids 1        ", "\nids 2        ",
        "\nprompt       10 tokens in 3 prompts, one batch, padded on the left\n",
        "\nchoice       sampled with seed 7: temperature 1, top_k 3, top_p 1\n", "\nnew          36 tokens\n"}) {
    EXPECT_NE(result.out.find(part), std::string::npos) << part << result.out;
  }
  const ChildResult sequential = run({"--prompts", file, "--repetition-penalty", "1.5", "--ignore-eos"});
  for (const char* part : {"\nprompt       10 tokens in 3 prompts, one after the other\n",
                           "\nchoice       greedy, repetition_penalty 1.5\n", " at most\n"}) {
    EXPECT_NE(sequential.out.find(part), std::string::npos) << part << sequential.out;
  }
}

TEST_F(RunOfPromptsOfOneModel, SaysInJsonHowItSampled) {
  const ChildResult result = run({"--ids", "1", "--min-p", "0.25", "--repetition-penalty", "2", "--json", "-"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const boost::json::value document = json_of(result.out);
  EXPECT_EQ(document.at("repetition_penalty").to_number<double>(), 2.0);
  const boost::json::value& sampling = document.at("sampling");
  EXPECT_EQ(sampling.at("temperature").to_number<double>(), 1.0);
  EXPECT_EQ(sampling.at("top_k"), 50);
  EXPECT_EQ(sampling.at("top_p").to_number<double>(), 1.0);
  EXPECT_EQ(sampling.at("min_p").to_number<double>(), 0.25);
  EXPECT_EQ(sampling.at("seed"), 0);
}

TEST_F(RunOfPromptsOfOneModel, RefusesPromptsThatAreNone) {
  const std::string file = prompts("1 2\n3,,4\n");
  expect_cannot_judge(run({"--prompts", file}), file + ": line 2: expected token ids separated by commas, found \"\"");
  const std::string none = prompts("# none\n");
  expect_cannot_judge(run({"--prompts", none}), none + ": expected at least one prompt, found none");
  const std::string outside = prompts("1 2\n99\n");
  expect_cannot_judge(run({"--prompts", outside}),
                      outside + ": line 2: token 0: expected 0 to 30 (vocab_size 31), found 99");
  expect_cannot_judge(run({"--prompts", outside, "--ids", "1"}),
                      "run: --ids: expected none beside --prompts, found both (assay --help)");
  expect_cannot_judge(run({}), "run: --ids: expected token ids, or --prompts, found neither (assay --help)");
}

TEST_F(RunOfPromptsOfOneModel, RefusesABatchThatCannotBePadded) {
  golden.copy.folder().add("model/generation_config.json", "{}");
  const std::string file = prompts(three);
  expect_cannot_judge(run({"--prompts", file, "--batch"}),
                      "prompts: row 1: expected 6 tokens as in the longest, or a pad_token_id or eos_token_id to pad "
                      "with, found 1 tokens and neither");
  EXPECT_EQ(run({"--prompts", file}).exit_code, 0) << "one after the other they need no pad";
  golden.copy.folder().add("model/generation_config.json", "{\"eos_token_id\": 3, \"pad_token_id\": 31}");
  expect_cannot_judge(run({"--prompts", file, "--batch"}),
                      "pad_token_id: expected 0 to 30 (vocab_size 31) in a batch, found 31");
}

TEST_F(RunOfPromptsOfOneModel, RefusesOptionsOutOfRange) {
  const auto refused = [&](const std::string& option, const std::string& value, const std::string& expected) {
    expect_cannot_judge(run({"--ids", "1", "--" + option + "=" + value}),
                        "run: --" + option + ": expected " + expected + ", found \"" + value + "\" (assay --help)");
  };
  for (const char* value : {"0", "-1", "nan", "inf", "x"}) {
    refused("temperature", value, "a finite number above 0");
    refused("repetition-penalty", value, "a finite number above 0");
  }
  for (const char* value : {"0", "-1", "1.5", "x"}) refused("top-k", value, "an integer from 1 up");
  for (const char* value : {"0", "1.01", "-0.5", "nan"}) refused("top-p", value, "a number above 0, up to 1");
  for (const char* value : {"-0.1", "1.01", "nan"}) refused("min-p", value, "a number from 0 to 1");
  for (const char* value : {"-1", "1.5", "x", "18446744073709551616"}) {
    refused("seed", value, "an integer from 0 to 2^64 - 1");
  }
}

}  // namespace
}  // namespace assay::test
