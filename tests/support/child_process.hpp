// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Runs a program and keeps what it says. No shell is involved.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace assay::test {

struct ChildResult {
  int exit_code = -1;  ///< -1 where a signal ended it; `died_of` then says which
  int died_of = 0;
  std::string out;
  std::string err;
};

struct ChildLimits {
  /// Writing a file beyond this fails, as on a full disk.
  std::optional<std::size_t> file_bytes{};
  /// More address space than this is not granted, as by `ulimit -v`.
  std::optional<std::size_t> address_bytes{};
  /// The folder it runs in; ours where empty.
  std::filesystem::path folder{};
};

/// Waits for the end; a child that runs longer than a minute is killed, which shows as died_of = SIGKILL.
[[nodiscard]] ChildResult run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                                      const ChildLimits& limits = {});

}  // namespace assay::test
