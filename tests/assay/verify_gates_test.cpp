// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay verify and the gates of a golden: without them, with others, or with edited ones nothing passes in float32.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/assay/program.hpp"

namespace assay::test {
namespace {

class VerifyGates : public testing::Test {
 protected:
  void expect_exit_3(const std::string& reason, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"verify", copy.file(), "--precision", "f32"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ChildResult result = assay_program(arguments);
    EXPECT_EQ(result.exit_code, 3) << result.out;
    EXPECT_NE(result.err.find(reason), std::string::npos) << result.err;
    EXPECT_EQ(result.out.find("PASS "), std::string::npos) << result.out;
  }

  [[nodiscard]] std::filesystem::path gates() const { return copy.folder().path() / "gates.json"; }

  GoldenCopy copy{"granitemoe_prefill"};
};

TEST_F(VerifyGates, AreFoundBesideTheGolden) {
  EXPECT_EQ(assay_program({"verify", copy.file(), "--precision", "f32"}).exit_code, 0);
}

TEST_F(VerifyGates, AreFoundWhereTheOptionSays) {
  const auto elsewhere = copy.folder().path() / "other.json";
  std::filesystem::rename(gates(), elsewhere);
  expect_exit_3("expected its gates in ");
  EXPECT_EQ(assay_program({"verify", copy.file(), "--precision", "f32", "--gates", elsewhere.string()}).exit_code, 0);
}

TEST_F(VerifyGates, AreNotNeededByAFloat64EngineWithATruth) {
  std::filesystem::remove(gates());
  EXPECT_EQ(assay_program({"verify", copy.file(), "--precision", "f64"}).exit_code, 0);
}

TEST_F(VerifyGates, EditedByHandAreExitCode3) {
  std::string text = text_of(gates());
  std::filesystem::remove(gates());
  text.replace(text.find("\"gates\": [2.0"), 13, "\"gates\": [9.0");
  std::ofstream(gates()) << text;
  expect_exit_3("edited by hand");
}

TEST_F(VerifyGates, OfAGoldenWithoutNullDistributionAreExitCode3) {
  copy.remove("/calls/000/null");
  copy.remove("/null");
  expect_exit_3("expected a null distribution of hf32, found none; run script/golden calibrate");
}

TEST_F(VerifyGates, OfAnotherNullDistributionAreExitCode3) {
  copy.edit<double>("/calls/000/null/hf32/max", [](auto& values) { values[0] *= 2.0; });
  expect_exit_3("expected gates of its null distribution");
}

TEST_F(VerifyGates, OfAnotherCaseAreExitCode3) {
  copy.attribute("/", "case", "renamed");
  expect_exit_3("expected gates of renamed hf32");
}

TEST_F(VerifyGates, OfAGenerationWithoutNullDistributionAreExitCode3InFloat32Alone) {
  GoldenCopy generation("granitemoe_generate_greedy");
  EXPECT_EQ(assay_program({"verify", generation.file()}).exit_code, 0);
  generation.remove("/generation/null");
  const ChildResult f32 = assay_program({"verify", generation.file(), "--precision", "f32"});
  EXPECT_EQ(f32.exit_code, 3) << f32.out;
  EXPECT_NE(f32.err.find("expected a null distribution of its generation, found none"), std::string::npos) << f32.err;
  EXPECT_EQ(assay_program({"verify", generation.file(), "--precision", "f64"}).exit_code, 0);
}

TEST_F(VerifyGates, InAFileThatIsNotThereAreAnUnusableOption) {
  const std::string absent = (copy.folder().path() / "absent.json").string();
  expect_cannot_judge(assay_program({"verify", copy.file(), "--gates", absent}),
                      "--gates " + absent + ": expected a file that script/golden calibrate wrote, found none");
}

TEST_F(VerifyGates, RoutingModeReplacesTheChoicesOfExpertsAlone) {
  const ChildResult result = assay_program({"verify", copy.file(), "--mode", "routing"});
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_NE(result.out.find("reference f32, routing"), std::string::npos) << result.out;
}

}  // namespace
}  // namespace assay::test
