// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay verify: exit codes 0, 1 and 3, several goldens at once, and the command that reproduces a failure.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/assay/program.hpp"

namespace assay::test {
namespace {

/// A golden whose values of one site are not what the engine computes.
GoldenCopy& spoil(GoldenCopy& copy) {
  copy.edit<float>("/calls/000/hf32/layers/001/v_proj", [](auto& values) { values[3] += 1.0F; });
  copy.edit<double>("/calls/000/truth/layers/001/v_proj", [](auto& values) { values[3] += 1.0; });
  return copy;
}

std::string verdict(const boost::json::value& result) { return std::string(result.at("verdict").as_string()); }

TEST(Verify, AGoldenThatHoldsIsExitCode0InBothPrecisions) {
  const ChildResult result = assay_program({"verify", golden_argument("granitemoe_prefill")});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  for (const char* part : {"granitemoe_prefill", "f64", "f32", "PASS"}) {
    EXPECT_NE(result.out.find(part), std::string::npos) << result.out;
  }
}

TEST(Verify, AGoldenThatDiffersIsExitCode1WithSiteIndexAndNumbers) {
  GoldenCopy copy("granitemoe_prefill");
  const ChildResult result = assay_program({"verify", spoil(copy).file(), "--precision", "f64"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, "");
  for (const char* part : {"FAIL", "v_proj", "batch 0, token 0, channel 3", "reproduce: assay verify "}) {
    EXPECT_NE(result.out.find(part), std::string::npos) << result.out;
  }
}

TEST(Verify, InModeInjectedEachElementOfAFloat32EngineHasABoundOfItsOwn) {
  // The element that rounding may move least: by 4.7e-8. The row, the channel and the tensor have larger errors.
  GoldenCopy copy("granitemoe_prefill");
  copy.edit<double>("/calls/000/truth/layers/001/moe_out", [](auto& values) { values[9] += 1.2e-7; });
  const std::vector<std::string> run{"verify", copy.file(), "--precision", "f32", "--mode"};
  const auto in_mode = [&](const std::string& mode) {
    std::vector<std::string> arguments = run;
    arguments.push_back(mode);
    return assay_program(arguments);
  };
  EXPECT_EQ(in_mode("free").exit_code, 0);
  const ChildResult injected = in_mode("injected");
  EXPECT_EQ(injected.exit_code, 1);
  for (const char* part : {"moe_out, layer 1, call 0", "element [0, 0, 9]: expected", "u G of 16"}) {
    EXPECT_NE(injected.out.find(part), std::string::npos) << injected.out;
  }
}

TEST(Verify, ASelectionOfNothingIsExitCode3) {
  const ChildResult result = assay_program({"verify", golden_argument("granitemoe_prefill"), "--layers", "7:9"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.out.find("VACUOUS"), std::string::npos) << result.out;
}

TEST(Verify, ASelectionOfWhatTheArchitectureLacksIsExitCode3) {
  const ChildResult result = assay_program({"verify", golden_argument("granitemoe_prefill"), "--sites", "ssm_*"});
  EXPECT_EQ(result.exit_code, 3);
}

TEST(Verify, QuietSaysNothingOfWhatHoldsAndAllOfWhatDoesNot) {
  const ChildResult holds = assay_program({"verify", golden_argument("granitemoe_prefill"), "--quiet"});
  EXPECT_EQ(holds.exit_code, 0);
  EXPECT_EQ(holds.out + holds.err, "");
  GoldenCopy copy("granitemoe_prefill");
  const ChildResult differs =
      assay_program({"verify", golden_argument("phimoe_bias"), spoil(copy).file(), "--quiet", "--precision", "f64"});
  EXPECT_EQ(differs.exit_code, 1);
  EXPECT_NE(differs.out.find("v_proj"), std::string::npos) << differs.out;
  EXPECT_EQ(differs.out.find("phimoe_bias"), std::string::npos) << differs.out;
}

TEST(Verify, AFolderStandsForItsGoldensInTheOrderOfTheirNames) {
  const TemporaryFolder folder;
  std::filesystem::copy_file(committed_golden("phimoe_bias"), folder.path() / "b.h5");
  std::filesystem::copy_file(committed_golden("granitemoe_prefill"), folder.path() / "a.h5");
  folder.add("notes.txt", "no golden");
  const ChildResult result = assay_program({"verify", folder.path().string(), "--json", "-", "--precision", "f64"});
  EXPECT_EQ(result.exit_code, 0);
  const auto results = json_of(result.out).at("results").as_array();
  ASSERT_EQ(results.size(), 2U);
  EXPECT_TRUE(results[0].at("golden").as_string().ends_with("a.h5"));
  EXPECT_TRUE(results[1].at("golden").as_string().ends_with("b.h5"));
}

TEST(Verify, AFolderWithoutGoldensCannotBeJudged) {
  const TemporaryFolder folder;
  expect_cannot_judge(assay_program({"verify", folder.path().string()}),
                      folder.path().string() + ": expected .h5 files, found none");
}

TEST(Verify, ABrokenGoldenAmongOthersIsExitCode2AndTheOthersAreStillJudged) {
  GoldenCopy broken("granitemoe_prefill");
  broken.remove("/calls/000/truth/logits");
  const ChildResult result =
      assay_program({"verify", golden_argument("phimoe_bias"), broken.file(),
                     golden_argument("granitemoehybrid_groups"), "--precision", "f64", "--json", "-"});
  expect_cannot_judge(result, broken.file() + ": /calls/000/truth/logits: expected [2, 6, 31] f64, found none");
  const auto document = json_of(result.out);
  EXPECT_EQ(document.at("verdict").as_string(), "INVALID");
  std::vector<std::string> verdicts;
  for (const auto& one : document.at("results").as_array()) verdicts.push_back(verdict(one));
  std::ranges::sort(verdicts);
  EXPECT_EQ(verdicts, (std::vector<std::string>{"INVALID", "PASS", "PASS"}));
}

/// A POSIX shell's words, as far as the program quotes them.
std::vector<std::string> words_of(const std::string& command) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (const char c : command) {
    if (c == '\'')
      quoted = !quoted;
    else if (c == ' ' && !quoted)
      words.emplace_back();
    else
      words.back() += c;
  }
  return words;
}

TEST(Verify, TheCommandItPrintsReproducesTheFailure) {
  GoldenCopy copy("granitemoe_prefill");
  // A name that must be quoted.
  const auto path = copy.folder().path() / "a golden; of ours.h5";
  std::filesystem::copy_file(spoil(copy).path(), path);
  for (const char* mode : {"free", "injected"}) {
    const ChildResult first = assay_program({"verify", path.string(), "--json", "-", "--mode", mode});
    EXPECT_EQ(first.exit_code, 1);
    const auto results = json_of(first.out).at("results").as_array();
    ASSERT_EQ(results.size(), 2U);
    for (const auto& result : results) {
      const auto& divergence = result.at("first_divergence").as_object();
      std::vector<std::string> words = words_of(std::string(divergence.at("command").as_string()));
      ASSERT_EQ(words.front(), "assay");
      words.erase(words.begin());
      words.insert(words.end(), {"--json", "-"});
      const ChildResult again = assay_program(words);
      EXPECT_EQ(again.exit_code, 1) << again.err;
      const auto repeated = json_of(again.out).at("results").as_array();
      ASSERT_EQ(repeated.size(), 1U);
      EXPECT_EQ(repeated[0].at("first_divergence"), result.at("first_divergence"));
      EXPECT_EQ(repeated[0].at("mode"), mode);
      EXPECT_EQ(repeated[0].at("sites").as_array().size(), 1U);
    }
  }
}

// Weights that stayed on disk.

TEST(VerifyCheckpoint, TheGoldensOwnWeightsHold) {
  const CheckpointGolden golden("granitemoe_cache");
  const ChildResult result = assay_program({"verify", golden.copy.file()});
  EXPECT_EQ(result.exit_code, 0) << result.err << result.out;
}

TEST(VerifyCheckpoint, AMovedCheckpointIsFoundByItsOption) {
  const CheckpointGolden golden("granitemoe_prefill");
  const auto moved = golden.copy.folder().path() / "elsewhere";
  std::filesystem::rename(golden.checkpoint(), moved);
  expect_cannot_judge(assay_program({"verify", golden.copy.file()}),
                      (golden.checkpoint() / "config.json").string() + ": cannot be opened: No such file or directory");
  EXPECT_EQ(assay_program({"verify", golden.copy.file(), "--checkpoint", moved.string()}).exit_code, 0);
}

TEST(VerifyCheckpoint, OneChangedWeightIsStale) {
  const CheckpointGolden golden("granitemoe_prefill");
  std::string bytes = text_of(golden.weights_file());
  bytes.back() = static_cast<char>(bytes.back() ^ 0x01);
  golden.copy.folder().add("model/model.safetensors", bytes);
  const ChildResult result = assay_program({"verify", golden.copy.file(), "--json", "-"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_TRUE(result.err.starts_with("error: model.norm.weight: expected sha256 ")) << result.err;
  EXPECT_EQ(std::ranges::count(result.err, '\n'), 1);
  EXPECT_EQ(json_of(result.out).at("verdict").as_string(), "STALE");
}

TEST(VerifyCheckpoint, AChangedConfigIsStale) {
  const CheckpointGolden golden("granitemoe_prefill");
  const std::string config = text_of(golden.checkpoint() / "config.json");
  golden.copy.folder().add("model/config.json", config + " ");
  const ChildResult result = assay_program({"verify", golden.copy.file()});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.err, "error: " + (golden.checkpoint() / "config.json").string() + ": expected the text that " +
                            golden.copy.file() + " holds, found another\n");
}

TEST(VerifyCheckpoint, AGoldenWithItsOwnWeightsTakesNoOthers) {
  const CheckpointGolden golden("granitemoe_prefill");
  const std::string own = golden_argument("granitemoe_prefill");
  expect_cannot_judge(assay_program({"verify", own, "--checkpoint", golden.checkpoint().string()}),
                      own + ": --checkpoint: expected a golden whose weights are elsewhere, this one holds its own");
}

}  // namespace
}  // namespace assay::test
