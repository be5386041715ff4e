// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The reports that a verb with a Verification writes beside what it prints: their options and their files.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <string>

#include "assay/report_file.hpp"
#include "golden/judge/result.hpp"

namespace assay {

/// Files by format; "" for none, "-" for standard output.
struct ReportOptions {
  std::string json;
  std::string markdown;
  std::string junit;
  std::string sarif;
  std::string html;
  bool github = false;  ///< annotation lines on standard output, behind all that is printed

  /// Whether standard output is for people: no report file goes there.
  [[nodiscard]] bool prints() const;
};

/// --json, --markdown, --junit, --sarif, --html and --github, which are kept in `options`.
void add_report_options(boost::program_options::options_description& description, ReportOptions& options);

/// Throws UsageError where two reports would go to one file, and Error for a page without the scripts that draw it.
void check_report_options(const ReportOptions& options);

/// Claims the files before the work begins; throws Error where one cannot be written.
class Reports {
 public:
  explicit Reports(const ReportOptions& options);

  /// Writes every report that was asked for.
  void write(const golden::Verification& verification);

 private:
  ReportOptions options_;
  ReportFile json_;
  ReportFile markdown_;
  ReportFile junit_;
  ReportFile sarif_;
  ReportFile html_;
};

}  // namespace assay
