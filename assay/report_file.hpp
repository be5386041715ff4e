// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A report file that is claimed before the work begins, so that a wrong path costs no run.
#pragma once

#include <optional>
#include <string>

#include "model/files/atomic_file.hpp"

namespace assay {

class ReportFile {
 public:
  /// "" for no report, "-" for standard output. Throws Error where the file cannot be written.
  explicit ReportFile(const std::string& path);

  void write(const std::string& text);

 private:
  std::optional<AtomicFile> file_;
  bool to_stdout_ = false;
};

}  // namespace assay
