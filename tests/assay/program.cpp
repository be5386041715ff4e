// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/assay/program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cctype>
#include <fstream>

#include "golden/format/golden_file.hpp"
#include "model/files/atomic_file.hpp"
#include "model/files/json.hpp"
#include "model/files/sha256.hpp"
#include "tests/support/safetensors_file.hpp"

namespace assay::test {
namespace {

std::string safetensors_name(DType dtype) {
  std::string text(name(dtype));
  for (char& letter : text) letter = static_cast<char>(std::toupper(letter));
  return text;
}

std::string torch_name(DType dtype) { return dtype == DType::bf16 ? "bfloat16" : "float32"; }

}  // namespace

ChildResult assay_program(const std::vector<std::string>& arguments, const ChildLimits& limits) {
  return run_program(ASSAY_PROGRAM, arguments, limits);
}

std::string golden_argument(std::string_view case_name) { return committed_golden(case_name).string(); }

void expect_cannot_judge(const ChildResult& result, const std::string& message) {
  EXPECT_EQ(result.exit_code, 2) << result.out << result.err;
  EXPECT_EQ(result.err, "error: " + message + "\n");
}

bool has_optimized_engine() {
  const ChildResult result =
      assay_program({"verify", golden_argument("granitemoe_prefill"), "--engine", "optimized", "--quiet"});
  return result.err.find("found \"optimized\"") == std::string::npos;
}

boost::json::value json_of(const std::string& text) { return parse_json(text, "output"); }

std::string text_of(const std::filesystem::path& path) { return read_text_file(path); }

CheckpointGolden::CheckpointGolden(std::string_view case_name) : copy(case_name) {
  std::string header = "{";
  std::string data;
  std::string recorded;
  std::string config;
  {
    const golden::GoldenFile golden(copy.path());
    const golden::EmbeddedWeights weights(golden);
    for (const auto& [name, tensor] : weights.tensors()) {
      const char* separator = recorded.empty() ? "" : ",";
      header += fmt::format(R"({}"{}":{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})", separator, name,
                            safetensors_name(tensor.dtype), to_string(tensor.shape), data.size(),
                            data.size() + tensor.bytes.size());
      recorded += fmt::format(R"({}"{}":{{"dtype":"{}","shape":{},"sha256":"{}"}})", separator, name,
                              torch_name(tensor.dtype), to_string(tensor.shape), sha256(tensor.bytes));
      data.append(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
    }
    config = golden.config_text();
  }
  std::filesystem::create_directory(checkpoint());
  write_text_file(checkpoint() / "config.json", config);
  write_text_file(weights_file(), safetensors(header + "}", data));
  copy.remove("/weights");
  copy.attribute("/", "weights", "checkpoint");
  copy.text("/checkpoint", fmt::format(R"({{"path":"{}","tensors":{{{}}}}})", checkpoint().string(), recorded));
}

}  // namespace assay::test
