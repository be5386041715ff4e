// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "golden/format/golden_file.hpp"
#include "tests/assay/program.hpp"
#include "tests/support/recorded_dump.hpp"

namespace assay::test {
namespace {

boost::json::value inspected(const std::string& path) {
  const ChildResult result = assay_program({"inspect", path, "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return json_of(result.out);
}

TEST(Inspect, OfAGoldenShowsConfigTensorsCallsAndSites) {
  const std::string path = golden_argument("granitemoehybrid_cache");
  const auto json = inspected(path);
  const golden::GoldenFile golden(path);
  EXPECT_EQ(json.at("schema"), "assay.inspect/1");
  EXPECT_EQ(json.at("kind"), "golden");
  EXPECT_EQ(json.at("case"), "granitemoehybrid_cache");
  EXPECT_EQ(json.at("truth"), true);
  EXPECT_EQ(json.at("config").at("mamba_d_state"), 7);
  EXPECT_EQ(json.at("tensors").as_array().size(), 28U);
  const auto& calls = json.at("calls").as_array();
  ASSERT_EQ(calls.size(), 6U);
  EXPECT_EQ(calls[5].at("past"), 8);
  EXPECT_EQ(calls[5].at("tokens"), 3);
  EXPECT_EQ(calls[5].at("sites").as_array().size(), golden.calls()[5].sites.size());
  EXPECT_TRUE(json.at("provenance").as_object().contains("transformers"));
}

TEST(Inspect, OfAGoldenIsATableOfEightyColumns) {
  const ChildResult result = assay_program({"inspect", golden_argument("phimoe_bias")});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* part :
       {"phimoe_bias", "model_type      phimoe", "73 tensors", "  model.layers.*.block_sparse_moe.experts.*.w1.weight ",
        "  lm_head.bias ", "1 calls", "router_weights"}) {
    EXPECT_NE(result.out.find(part), std::string::npos) << part;
  }
}

TEST(Inspect, OfAGenerationAloneShowsItsSettings) {
  const std::string path = golden_argument("granitemoe_generate_greedy");
  const auto json = inspected(path);
  EXPECT_FALSE(json.as_object().contains("calls"));
  EXPECT_EQ(json.at("generation").at("do_sample"), false);
  EXPECT_EQ(json.at("generation").at("truth"), true);
  EXPECT_GT(json.at("generation").at("steps").to_number<int>(), 1);
  const ChildResult table = assay_program({"inspect", path});
  EXPECT_NE(table.out.find("\ngeneration      rows="), std::string::npos) << table.out;
  EXPECT_EQ(table.out.find("calls"), std::string::npos) << table.out;
}

TEST(Inspect, OfADumpWithoutAConfigShowsItsArrays) {
  const TemporaryFolder folder;
  const RecordedDump dump(golden::GoldenFile(golden_argument("granitemoe_prefill")), Precision::f32);
  for (const char* file : {"mine.h5", "mine.safetensors"}) {
    const std::string path = (folder.path() / file).string();
    dump.write(path);
    const auto json = inspected(path);
    EXPECT_EQ(json.at("kind"), "dump");
    EXPECT_EQ(json.at("engine"), "somebody");
    EXPECT_EQ(json.at("arrays").as_array().size(), dump.arrays.size());
    const ChildResult table = assay_program({"inspect", path});
    const std::string line = fmt::format("  {:<50} {:>16} f32 \n", "calls/000/actual/logits", "[2,6,31]");
    EXPECT_NE(table.out.find(line), std::string::npos) << table.out;
  }
}

TEST(Inspect, OfADumpShowsWhoseItIs) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "d.h5").string();
  ASSERT_EQ(assay_program(
                {"dump", golden_argument("phimoe_bias"), "--engine", "reference", "--precision", "f64", "--out", out})
                .exit_code,
            0);
  const auto json = inspected(out);
  EXPECT_EQ(json.at("kind"), "dump");
  EXPECT_EQ(json.at("engine"), "reference");
  EXPECT_EQ(json.at("precision"), "f64");
  EXPECT_FALSE(json.as_object().contains("tensors"));
}

TEST(Inspect, OfACheckpointShowsItsConfigAndTensors) {
  const CheckpointGolden golden("granitemoe_prefill");
  const auto json = inspected(golden.checkpoint().string());
  EXPECT_EQ(json.at("kind"), "checkpoint");
  EXPECT_EQ(json.at("model_type"), "granitemoe");
  EXPECT_EQ(json.at("tensors").as_array().size(), 30U);
  EXPECT_EQ(assay_program({"inspect", golden.checkpoint().string()}).exit_code, 0);
}

TEST(Inspect, OfAGoldenWithACheckpointNamesTheFolder) {
  const CheckpointGolden golden("granitemoe_prefill");
  EXPECT_EQ(inspected(golden.copy.file()).at("checkpoint"), boost::json::string(golden.checkpoint().string()));
}

TEST(Inspect, OfWhatIsNotThereIsRefused) {
  expect_cannot_judge(assay_program({"inspect", "/none/x.h5"}),
                      "/none/x.h5: expected an HDF5 file, found no such file");
}

TEST(Inspect, OfAConfigThatIsRefusedSaysWhy) {
  const CheckpointGolden golden("granitemoe_prefill");
  const auto path = golden.copy.folder().add("model/config.json", R"({"model_type": "llama"})");
  const ChildResult result = assay_program({"inspect", golden.checkpoint().string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(result.err.starts_with("error: " + path.string() + ": model_type: expected ")) << result.err;
}

}  // namespace
}  // namespace assay::test
