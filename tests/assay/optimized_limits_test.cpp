// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the optimized engine cannot do with the weights or the memory at hand: one line that says so, and exit code 2.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "model/config/manifest.hpp"
#include "tests/assay/program.hpp"
#include "tests/support/config_text.hpp"
#include "tests/support/safetensors_file.hpp"

namespace assay::test {
namespace {

/// Enough for the program and a small model, and for little more.
const ChildLimits little{.address_bytes = std::size_t{600} << 20U};

class OptimizedLimits : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_optimized_engine()) GTEST_SKIP() << "this build has no optimized engine";
    // A sanitizer takes more than any limit.
    if (assay_program({"--version"}, little).exit_code != 0) GTEST_SKIP() << "the program does not start in so little";
  }
};

std::vector<std::string> run_arguments(const std::string& folder, const std::string& count) {
  return {"run", folder, "--engine", "optimized", "--threads", "1", "--ids", "1,2", "--max-new-tokens", count};
}

TEST_F(OptimizedLimits, WeightsThatBfloat16WouldRoundCannotBeJudged) {
  const std::string file = golden_argument("granitemoe_gqa_tied");
  const ChildResult result = assay_program({"verify", file, "--engine", "optimized", "--weights", "bf16"});
  expect_cannot_judge(result,
                      "model.layers.0.self_attn.q_proj.weight: expected weights that bfloat16 holds exactly, found f32 "
                      "that it would round (" +
                          file + ")");
  EXPECT_NE(result.out.find("INVALID  1 case: 1 INVALID"), std::string::npos) << result.out;
}

TEST_F(OptimizedLimits, ASmallModelNeedsLittleAddressSpace) {
  const ChildResult result = assay_program(
      {"verify", golden_argument("granitemoe_prefill"), "--engine", "optimized", "--threads", "1"}, little);
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST_F(OptimizedLimits, WeightsBeyondTheMemoryAreRefusedWithWhatToDo) {
  // The weights of two million words, in a file that is all hole.
  const TemporaryFolder folder;
  const std::string config = with(granite_moe_text(), R"("vocab_size": 2000000)");
  std::map<std::string, Shape> shapes;
  for (const ExpectedTensor& tensor : manifest(parse_config(config, "config.json"))) shapes[tensor.name] = tensor.shape;
  std::string header = "{";
  std::size_t bytes = 0;
  for (const auto& [name, shape] : shapes) {
    const std::size_t end = bytes + 2 * elements(shape);
    header += fmt::format(R"({}"{}":{{"dtype":"BF16","shape":{},"data_offsets":[{},{}]}})", bytes == 0 ? "" : ",", name,
                          to_string(shape), bytes, end);
    bytes = end;
  }
  folder.add("config.json", config);
  const std::filesystem::path file = folder.add("model.safetensors", safetensors(header + "}", ""));
  std::filesystem::resize_file(file, std::filesystem::file_size(file) + bytes);
  const ChildResult result = assay_program(run_arguments(folder.path().string(), "1"), little);
  EXPECT_EQ(result.exit_code, 2) << result.out;
  const std::string opening = "error: optimized engine: expected 0.36 GiB for the packed f32 weights, found 0.";
  EXPECT_TRUE(result.err.starts_with(opening)) << result.err;
  EXPECT_TRUE(
      result.err.ends_with(" GiB available; take --weights bf16, fewer layers, or --engine reference, which "
                           "leaves the weights in their file\n"))
      << result.err;
  EXPECT_EQ(result.out, "");
}

TEST_F(OptimizedLimits, ACacheBeyondTheMemoryIsRefused) {
  const CheckpointGolden golden("granitemoe_cache");
  const ChildResult result = assay_program(run_arguments(golden.checkpoint().string(), "16000000"), little);
  EXPECT_EQ(result.exit_code, 2) << result.out;
  EXPECT_NE(result.err.find("error: cache: expected "), std::string::npos) << result.err;
  EXPECT_NE(result.err.find(" GiB for 1 x 16000002 tokens, found 0."), std::string::npos) << result.err;
  EXPECT_TRUE(result.err.ends_with(" GiB available\n")) << result.err;
  EXPECT_EQ(result.out, "");
}

}  // namespace
}  // namespace assay::test
