// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay bench: what it measures, what it writes, and what it refuses. No time is judged.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <set>

#include "bench/result/json.hpp"
#include "tests/assay/program.hpp"
#include "tests/support/temporary_folder.hpp"

namespace assay::test {
namespace {

class BenchVerb : public testing::Test {
 protected:
  [[nodiscard]] static ChildResult bench(std::vector<std::string> more) {
    more.insert(more.begin(), "bench");
    return assay_program(more);
  }

  /// The model of a committed golden, few tokens.
  [[nodiscard]] ChildResult small(std::vector<std::string> more) const {
    more.insert(more.begin(), {"--checkpoint", golden.checkpoint().string(), "--engine", "reference", "--repeat", "2"});
    return bench(more);
  }

  [[nodiscard]] std::string file(const std::string& name) const { return (folder.path() / name).string(); }

  CheckpointGolden golden{"granitemoe_cache"};
  TemporaryFolder folder;
};

std::set<std::string> names_of(const bench::Result& result) {
  std::set<std::string> names;
  for (const bench::Row& row : result.rows) names.insert(row.name);
  return names;
}

TEST_F(BenchVerb, TimesEveryPromptAndDecodingAtEveryDepthAndBatch) {
  const ChildResult result = small({"--prompt", "2,3", "--decode", "2", "--depth", "0,4", "--batch", "1,2", "--commit",
                                    "1a2b3c4", "--json", file("result.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const bench::Result read = bench::read_result(file("result.json"));
  EXPECT_EQ(names_of(read).size(), 2U * 2U * 3U + 1U) << "and loading";
  EXPECT_TRUE(names_of(read).contains("decode/tokens:2/depth:4/batch:2"));
  for (const bench::Row& row : read.rows) {
    EXPECT_EQ(row.samples.size(), row.name == "load" ? 1U : 2U) << row.name;
    EXPECT_EQ(row.invalid, "") << row.name;
  }
  EXPECT_EQ(read.settings.at("engine"), "reference");
  EXPECT_EQ(read.settings.at("model"), "model");
  EXPECT_EQ(read.commit, "1a2b3c4");
  EXPECT_FALSE(read.machine.empty());
}

TEST_F(BenchVerb, PrintsATableOfAtMost80Columns) {
  const ChildResult result = small({"--prompt", "3", "--decode", "2", "--profile"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("prefill/tokens:3/depth:0/batch:1"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("Layer by layer, decode"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("of the float64 reference"), std::string::npos) << result.out;
  std::size_t begin = 0;
  for (std::size_t end = result.out.find('\n'); end != std::string::npos; end = result.out.find('\n', begin)) {
    EXPECT_LE(end - begin, 80U) << result.out.substr(begin, end - begin);
    begin = end + 1;
  }
}

TEST_F(BenchVerb, SaysWhatMemoryEachPhaseTookAndWhatItHolds) {
  const ChildResult result = small({"--prompt", "3", "--decode", "2", "--json", file("result.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const bench::Result read = bench::read_result(file("result.json"));
  std::vector<std::string> phases;
  for (const bench::MemoryPhase& phase : read.memory) phases.push_back(phase.name);
  EXPECT_EQ(phases, (std::vector<std::string>{"load", "check", "prefill", "decode"}));
  EXPECT_GT(read.bytes.at("program"), 0U);
}

TEST_F(BenchVerb, WritesCsvMarkdownAndATrace) {
  const ChildResult result = small({"--prompt", "3", "--decode", "2", "--csv", file("r.csv"), "--markdown",
                                    file("r.md"), "--trace", file("trace.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(text_of(file("r.csv")).starts_with("name,"));
  EXPECT_NE(text_of(file("r.md")).find("### Throughput"), std::string::npos);
  const boost::json::value trace = json_of(text_of(file("trace.json")));
  std::set<std::string> groups;
  for (const boost::json::value& event : trace.at("traceEvents").as_array())
    groups.insert(event.at("name").as_string().c_str());
  EXPECT_TRUE(groups.contains("experts"));
  EXPECT_TRUE(groups.contains("prefill"));
}

TEST_F(BenchVerb, PutsTheErrorsOfAGoldenBesideTheTimes) {
  const ChildResult result =
      bench({"--golden", golden_argument("granitemoe_cache"), "--engine", "reference", "--repeat", "1", "--prompt", "3",
             "--decode", "1", "--profile", "--json", file("result.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::size_t with_error = 0;
  for (const bench::LedgerRow& row : bench::read_result(file("result.json")).ledger) {
    if (!row.error) continue;
    ++with_error;
    EXPECT_LT(*row.error, 1e-5) << row.group;
    EXPECT_LE(row.used.value_or(2), 1.0) << row.group;
  }
  EXPECT_GT(with_error, 10U);
}

TEST_F(BenchVerb, SaysWhatObservingCosts) {
  const ChildResult result = small({"--prompt", "3", "--decode", "0", "--observe", "--json", file("result.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const bench::Result read = bench::read_result(file("result.json"));
  const auto row = std::ranges::find(read.rows, "prefill/tokens:3/depth:0/batch:1/injected", &bench::Row::name);
  ASSERT_NE(row, read.rows.end());
  EXPECT_EQ(row->invalid, "");
  EXPECT_GT(row->counters.at("sites"), 20);
  EXPECT_GT(row->counters.at("ratio_to_unobserved"), 0);
}

TEST_F(BenchVerb, GivesStandardOutputToTheFileThatIsToGoThere) {
  const ChildResult result = small({"--prompt", "3", "--decode", "0", "--json", "-"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NO_THROW(static_cast<void>(bench::parse_result(result.out, "standard output")));
}

TEST_F(BenchVerb, RefusesWhatItCannotDo) {
  const std::string folder_of_model = golden.checkpoint().string();
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{}, "expected a model: --checkpoint DIR, --like NAME or --golden FILE, found none"},
      {{"--like", "granite-3.0-1b-a400"}, "--like: expected one of Phi-3.5-MoE-instruct, "},
      {{"--like", "granite-4.0-h-350m", "--layers", "33"}, "--layers: expected 1 to 32, found 33"},
      {{"--like", "granite-4.0-h-350m", "--checkpoint", "x"}, "--like: expected no --checkpoint or --golden beside it"},
      {{"--checkpoint", "/no/such/folder"}, "/no/such/folder: expected a checkpoint folder, found none"},
      {{"--checkpoint", folder_of_model, "--layers", "1"}, "--layers, --dtype: expected --like with them, found none"},
      {{"--checkpoint", folder_of_model, "--prompt", "1,,2"}, "--prompt: expected 1 to "},
      {{"--checkpoint", folder_of_model, "--prompt", "5,5"}, "--prompt: expected each number once, found 5 twice"},
      {{"--checkpoint", folder_of_model, "--repeat", "0"}, "--repeat: expected 1 to "},
      {{"--checkpoint", folder_of_model, "--decode", "-1"}, "--decode: expected 0 to "},
      {{"--checkpoint", folder_of_model, "--depth", "1000000"}, "positions (max_position_embeddings), found "},
      {{"--checkpoint", folder_of_model, "--json", "/no/such/folder/x"}, "/no/such/folder/x: cannot be written"},
      {{"--checkpoint", folder_of_model, "--json", "-", "--csv", "-"}, "expected a file of its own for each report"},
      {{"--checkpoint", folder_of_model, "--gates", "x"}, "--gates: expected --golden with it, found none"},
      {{"--golden", golden_argument("granitemoehybrid_bare")}, "expected a causal language model, found a "},
      {{"--checkpoint", folder_of_model, "--promt", "5"}, "--promt"},
  };
  for (const auto& [arguments, message] : cases) {
    const ChildResult result = bench(arguments);
    EXPECT_EQ(result.exit_code, 2) << message;
    EXPECT_EQ(result.out, "") << message;
    EXPECT_TRUE(result.err.starts_with("error: ")) << result.err;
    EXPECT_NE(result.err.find(message), std::string::npos) << result.err;
    EXPECT_EQ(std::ranges::count(result.err, '\n'), 1) << result.err;
  }
}

}  // namespace
}  // namespace assay::test
