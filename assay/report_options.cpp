// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/report_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options/value_semantic.hpp>
#include <vector>

#include "assay/build_info.hpp"
#include "assay/options.hpp"
#include "assay/version.hpp"
#include "model/error.hpp"
#include "reports/annotations.hpp"
#include "reports/html/html.hpp"
#include "reports/json.hpp"
#include "reports/junit.hpp"
#include "reports/markdown.hpp"
#include "reports/sarif.hpp"

namespace assay {
namespace {

namespace po = boost::program_options;

std::vector<std::string> files(const ReportOptions& options) {
  return {options.json, options.markdown, options.junit, options.sarif, options.html};
}

}  // namespace

bool ReportOptions::prints() const { return std::ranges::count(files(*this), "-") == 0; }

void add_report_options(po::options_description& description, ReportOptions& options) {
  description.add_options()("json", po::value(&options.json)->value_name("FILE"),
                            "write all results as JSON; - for standard output")(
      "markdown", po::value(&options.markdown)->value_name("FILE"), "write a summary as Markdown")(
      "junit", po::value(&options.junit)->value_name("FILE"), "write the cases as JUnit XML")(
      "sarif", po::value(&options.sarif)->value_name("FILE"), "write what does not plainly pass as SARIF 2.1.0")(
      "html", po::value(&options.html)->value_name("FILE"), "write a page with charts, whole in one file")(
      "github", po::bool_switch(&options.github), "print annotation lines of GitHub Actions behind the table");
}

void check_report_options(const ReportOptions& options) {
  const std::vector<std::string> reports = files(options);
  for (const std::string& report : reports) {
    if (!report.empty() && std::ranges::count(reports, report) > 1) {
      throw UsageError(fmt::format("expected a file of its own for each report, found \"{}\" twice", report));
    }
  }
  if (options.github && !options.prints()) {
    throw UsageError("--github: expected standard output for its lines, found a report that goes there");
  }
  if (!options.html.empty() && !reports::can_draw_charts()) {
    throw Error(
        "--html: expected the scripts that draw charts, this program was built without: run script/setup, then "
        "script/build release");
  }
}

Reports::Reports(const ReportOptions& options)
    : options_(options),
      json_(options.json),
      markdown_(options.markdown),
      junit_(options.junit),
      sarif_(options.sarif),
      html_(options.html) {}

void Reports::write(const golden::Verification& verification) {
  if (!options_.json.empty()) json_.write(reports::to_json(verification));
  if (!options_.markdown.empty()) markdown_.write(reports::to_markdown(verification));
  if (!options_.junit.empty()) junit_.write(reports::to_junit(verification));
  if (!options_.sarif.empty()) sarif_.write(reports::to_sarif(verification, build::version));
  if (!options_.html.empty()) html_.write(reports::to_html(verification, version_text()));
  if (options_.github) fmt::print("{}", reports::github_annotations(verification));
}

}  // namespace assay
