// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/report_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options/value_semantic.hpp>
#include <vector>

#include "assay/options.hpp"
#include "reports/json.hpp"
#include "reports/junit.hpp"
#include "reports/markdown.hpp"

namespace assay {
namespace {

namespace po = boost::program_options;

std::vector<std::string> files(const ReportOptions& options) {
  return {options.json, options.markdown, options.junit};
}

}  // namespace

bool ReportOptions::prints() const { return std::ranges::count(files(*this), "-") == 0; }

void add_report_options(po::options_description& description, ReportOptions& options) {
  description.add_options()("json", po::value(&options.json)->value_name("FILE"),
                            "write all results as JSON; - for standard output")(
      "markdown", po::value(&options.markdown)->value_name("FILE"), "write a summary as Markdown")(
      "junit", po::value(&options.junit)->value_name("FILE"), "write the cases as JUnit XML");
}

void check_report_options(const ReportOptions& options) {
  const std::vector<std::string> reports = files(options);
  for (const std::string& report : reports) {
    if (!report.empty() && std::ranges::count(reports, report) > 1) {
      throw UsageError(fmt::format("expected a file of its own for each report, found \"{}\" twice", report));
    }
  }
}

Reports::Reports(const ReportOptions& options)
    : options_(options), json_(options.json), markdown_(options.markdown), junit_(options.junit) {}

void Reports::write(const golden::Verification& verification) {
  if (!options_.json.empty()) json_.write(reports::to_json(verification));
  if (!options_.markdown.empty()) markdown_.write(reports::to_markdown(verification));
  if (!options_.junit.empty()) junit_.write(reports::to_junit(verification));
}

}  // namespace assay
