// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The program under test and what it can be given.
#pragma once

#include <boost/json/value.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/child_process.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {

/// assay ARGUMENTS...
[[nodiscard]] ChildResult assay_program(const std::vector<std::string>& arguments, const ChildLimits& limits = {});

/// The path of a committed golden, as an argument.
[[nodiscard]] std::string golden_argument(std::string_view case_name);

/// Fails the test unless the program ended with 2, said nothing on standard output beside what it says of other
/// cases, and "error: MESSAGE\n" on standard error.
void expect_cannot_judge(const ChildResult& result, const std::string& message);

/// Whether the program under test has the optimized engine.
[[nodiscard]] bool has_optimized_engine();

/// The JSON of a file or of standard output.
[[nodiscard]] boost::json::value json_of(const std::string& text);
[[nodiscard]] std::string text_of(const std::filesystem::path& path);

/// Takes the weights out of a golden and into a checkpoint folder beside it, as a golden of a published model has them.
/// The copy's /checkpoint names the folder and the hashes.
class CheckpointGolden {
 public:
  explicit CheckpointGolden(std::string_view case_name);

  GoldenCopy copy;
  [[nodiscard]] std::filesystem::path checkpoint() const { return copy.folder().path() / "model"; }
  [[nodiscard]] std::filesystem::path weights_file() const { return checkpoint() / "model.safetensors"; }
};

}  // namespace assay::test
