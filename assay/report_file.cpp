// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/report_file.hpp"

#include <fmt/format.h>

namespace assay {

ReportFile::ReportFile(const std::string& path) {
  if (!path.empty() && path != "-") file_.emplace(path);
  to_stdout_ = path == "-";
}

void ReportFile::write(const std::string& text) {
  if (to_stdout_) fmt::print("{}", text);
  if (!file_) return;
  write_text_file(file_->temporary(), text);
  file_->commit();
}

}  // namespace assay
