// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Which engines run, and how: --engine, --precision, --threads, --weights.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <sstream>

#include "tests/assay/program.hpp"

namespace assay::test {
namespace {

const std::string golden_file = golden_argument("granitemoe_prefill");

/// "reference f64; reference f32; optimized f32 3 bf16"
std::string runs_of(const ChildResult& result) {
  const auto document = json_of(result.out);
  std::string text;
  for (const auto& run : document.at("results").as_array()) {
    text += text.empty() ? "" : "; ";
    text += std::string(run.at("engine").as_string()) + " " + run.at("precision").as_string().c_str();
    if (!run.at("threads").is_null()) text += " " + std::to_string(run.at("threads").to_number<int>());
    if (!run.at("weights").is_null()) text += std::string(" ") + run.at("weights").as_string().c_str();
  }
  return text;
}

ChildResult verify(std::vector<std::string> more) {
  more.insert(more.begin(), {"verify", golden_file, "--json", "-"});
  return assay_program(more);
}

TEST(Engines, TheReferenceRunsInBothPrecisionsUnlessToldOtherwise) {
  EXPECT_EQ(runs_of(verify({})), "reference f64; reference f32");
  EXPECT_EQ(runs_of(verify({"--engine", "reference", "--precision", "f32"})), "reference f32");
}

class BothEngines : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_optimized_engine()) GTEST_SKIP() << "this build has no optimized engine";
  }
};

TEST_F(BothEngines, AllIsTheReferenceInBothPrecisionsAndTheOptimizedInFloat32) {
  EXPECT_EQ(runs_of(verify({"--engine", "all", "--threads", "1"})),
            "reference f64; reference f32; optimized f32 1 f32");
  EXPECT_EQ(runs_of(verify({"--engine", "all", "--threads", "1", "--precision", "f32"})),
            "reference f32; optimized f32 1 f32");
  EXPECT_EQ(runs_of(verify({"--engine", "optimized", "--threads", "1"})), "optimized f32 1 f32");
}

TEST_F(BothEngines, AllInFloat64SaysThatTheOptimizedEngineHasNone) {
  const ChildResult result = verify({"--engine", "all", "--precision", "f64"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(runs_of(result), "reference f64");
  EXPECT_EQ(result.err, "note: the optimized engine has no float64: only the reference is run\n");
}

TEST_F(BothEngines, TheOptimizedEngineAloneRefusesFloat64) {
  const std::string complaint =
      ": --precision: expected f32 (optimized computes in f32 only), found \"f64\" (assay --help)";
  expect_cannot_judge(verify({"--engine", "optimized", "--precision", "f64"}), "verify" + complaint);
  expect_cannot_judge(assay_program({"dump", golden_file, "--engine", "optimized", "--precision", "f64", "--out", "x"}),
                      "dump" + complaint);
}

TEST_F(BothEngines, MoreThreadsThanCoresAreAWarningAndRightNumbers) {
  const ChildResult result = verify({"--engine", "optimized", "--threads", "1000"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(result.err.starts_with("warning: --threads: expected up to the ")) << result.err;
  EXPECT_TRUE(result.err.ends_with(" cores of this process, found 1000\n")) << result.err;
  EXPECT_EQ(runs_of(result), "optimized f32 1000 f32");
}

TEST_F(BothEngines, TheCommandOfADivergenceHasThreadsAndWeights) {
  GoldenCopy copy("granitemoe_prefill");
  copy.edit<double>("/calls/000/truth/logits", [](auto& values) { values[3] += 1.0; });
  const ChildResult result =
      assay_program({"verify", copy.file(), "--engine", "optimized", "--threads", "1", "--json", "-"});
  EXPECT_EQ(result.exit_code, 1);
  const auto document = json_of(result.out);
  const auto& divergence = document.at("results").as_array()[0].at("first_divergence");
  EXPECT_EQ(divergence.at("command"),
            boost::json::string("assay verify " + copy.file() +
                                " --engine optimized --precision f32 --threads 1 --weights f32 --mode free --sites "
                                "logits"));
}

TEST_F(BothEngines, AgreeWithTransformersAndWithEachOther) {
  for (const char* mode : {"free", "injected"}) {
    const ChildResult result =
        assay_program({"verify", golden_argument("granitemoe_cache"), golden_argument("granitemoeshared_prefill"),
                       golden_argument("granitemoehybrid_cache"), golden_argument("phimoe_cache"), "--engine", "all",
                       "--threads", "2", "--mode", mode, "--json", "-"});
    EXPECT_EQ(result.exit_code, 0);
    const auto document = json_of(result.out);
    const auto& triangles = document.at("triangle").as_array();
    ASSERT_EQ(triangles.size(), 4U);
    for (const auto& triangle : triangles) {
      EXPECT_EQ(triangle.at("reading"), "healthy") << triangle.at("case");
      EXPECT_GT(triangle.at("sites").to_number<int>(), 20);
    }
  }
}

/// The names of the sites that the optimized engine does not show of the golden at hand.
std::vector<std::string> not_provided(const boost::json::value& result) {
  std::vector<std::string> names;
  for (const auto& name : result.at("not_provided").as_array()) names.emplace_back(name.as_string());
  return names;
}

/// With one blank for each run of blanks and line ends: the console wraps its lines.
std::string unwrapped(const std::string& text) {
  std::istringstream words(text);
  std::string line;
  for (std::string word; words >> word;) line += word + " ";
  return line;
}

TEST_F(BothEngines, ASelectionOfWhatIsNotMaterialisedIsVacuous) {
  const auto document = json_of(verify({"--engine", "optimized"}).out);
  for (const std::string& site : not_provided(document.at("results").at(0))) {
    const ChildResult result = assay_program({"verify", golden_file, "--engine", "optimized", "--sites", site});
    EXPECT_EQ(result.exit_code, 3);
    const std::string note = "no site was compared; not materialised by optimized: " + site + " ";
    EXPECT_NE(unwrapped(result.out).find(note), std::string::npos) << result.out;
  }
}

TEST_F(BothEngines, ADumpOfTheOptimizedEngineSaysHowItRanAndWhatItLacks) {
  const auto document = json_of(verify({"--engine", "optimized"}).out);
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "dump.h5").string();
  const ChildResult dumped =
      assay_program({"dump", golden_file, "--engine", "optimized", "--threads", "1", "--out", out});
  ASSERT_EQ(dumped.exit_code, 0) << dumped.err;
  EXPECT_NE(dumped.out.find(", optimized f32, 1 thread, f32 weights\n"), std::string::npos) << dumped.out;
  const auto dump = json_of(assay_program({"inspect", out, "--json"}).out);
  EXPECT_EQ(dump.at("threads"), 1);
  EXPECT_EQ(dump.at("engine_weights"), "f32");
  EXPECT_EQ(not_provided(dump), not_provided(document.at("results").at(0)));
}

class LongPositions : public testing::Test {
 protected:
  LongPositions() { copy.edit_config("\"max_position_embeddings\": 128", "\"max_position_embeddings\": 5"); }

  GoldenCopy copy{"granitemoe_prefill"};
  std::string warning =
      "warning: " + copy.file() + ": expected positions below max_position_embeddings (5), found up to 5\n";
};

TEST_F(LongPositions, AreAWarningOnceAndStillRight) {
  const ChildResult result = assay_program({"verify", copy.file()});
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_EQ(result.err, warning);
}

TEST_F(LongPositions, AreAWarningOfADump) {
  const std::string out = (copy.folder().path() / "dump.h5").string();
  const ChildResult result = assay_program({"dump", copy.file(), "--engine", "reference", "--out", out});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, warning);
}

}  // namespace
}  // namespace assay::test
