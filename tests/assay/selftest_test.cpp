// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay selftest: its exit codes and reports. What each mutant comes to is tested in tests/selftest.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/assay/program.hpp"

namespace assay::test {
namespace {

const std::string goldens = ASSAY_GOLDEN_DATA;

TEST(Selftest, ShowsTheMutantsItIsAskedForAndHolds) {
  const ChildResult result = assay_program({"selftest", goldens, "--mutant", "rope-s*-sign"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_NE(result.out.find("*rope-sine-sign "), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("1 mutant: 1 killed, 0 survive\n"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("4 healthy runs: 0 false alarms\nPASS ("), std::string::npos) << result.out;
}

TEST(Selftest, ListsMutantsWithoutRunningThem) {
  const ChildResult result = assay_program({"selftest", "no-such-folder", "--list", "--mutant", "rope-sine-sign"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out,
            "rope-sine-sign\n    the sines of RoPE have the wrong sign\n    granitemoe_prefill, call 0 layer 0 q_rope, "
            "trap 13\n");
}

TEST(Selftest, SurvivorsBelowTheNoiseAreNamedWithTheirReason) {
  const ChildResult result =
      assay_program({"selftest", goldens, "--mutant", "float32-in-float64", "--precision", "f32"});
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_NE(result.out.find("survivors\n  float32-in-float64 in f32: "), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("1 mutant: 0 killed, 1 survive\n"), std::string::npos) << result.out;
}

TEST(Selftest, WritesAPageAndJson) {
  const TemporaryFolder folder;
  const std::string page = (folder.path() / "page.md").string();
  const std::string json = (folder.path() / "matrix.json").string();
  const ChildResult result = assay_program(
      {"selftest", goldens, "--mutant", "rope-sine-sign", "--precision", "f64", "--markdown", page, "--json", json});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_NE(text_of(page).find("| `rope-sine-sign` | the sines of RoPE have the wrong sign | 13 |"), std::string::npos);
  const boost::json::value matrix = json_of(text_of(json));
  EXPECT_TRUE(matrix.at("holds").as_bool());
  EXPECT_EQ(matrix.at("totals").at("required").to_number<int>(), 1);
}

TEST(Selftest, OfAJudgeThatFindsWhatIsNotThereIsExitCode1) {
  GoldenCopy copy("granitemoe_prefill");
  copy.edit<double>("/calls/000/truth/logits", [](auto& values) { values[3] += 0.5; });
  const ChildResult result = assay_program({"selftest", copy.folder().path().string(), "--mutant", "rope-sine-sign"});
  EXPECT_EQ(result.exit_code, 1) << result.out;
  EXPECT_NE(result.out.find("granitemoe_prefill, f32, free: nothing is wrong, expected PASS, found FAIL at\n"),
            std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find("4 healthy runs: 4 false alarms\n"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("\nFAIL ("), std::string::npos) << result.out;
}

TEST(Selftest, OfWhatCannotBeRunIsExitCode2) {
  expect_cannot_judge(assay_program({"selftest", "no-such-folder"}),
                      "no-such-folder: expected a folder of goldens, found none");
  expect_cannot_judge(assay_program({"selftest", goldens, "--mutant", "no-such"}),
                      "expected a mutant whose name matches \"no-such\", found none (assay selftest --list)");
  const GoldenCopy copy("granitemoe_cache");
  const ChildResult result = assay_program({"selftest", copy.folder().path().string(), "--mutant", "rope-sine-sign"});
  EXPECT_EQ(result.exit_code, 2) << result.out;
  EXPECT_NE(result.err.find("granitemoe_prefill.h5: "), std::string::npos) << result.err;
}

TEST(Selftest, WithoutGatesIsExitCode2) {
  const GoldenCopy copy("granitemoe_prefill");
  std::filesystem::remove(copy.folder().path() / "gates.json");
  const ChildResult result = assay_program({"selftest", copy.folder().path().string(), "--mutant", "rope-sine-sign"});
  EXPECT_EQ(result.exit_code, 2) << result.out;
  EXPECT_NE(result.err.find("gates.json"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace assay::test
