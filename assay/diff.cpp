// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay diff: recorded values of any engine against a golden or against other recorded values; nothing is run.
#include "golden/replay/diff.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "assay/gates_option.hpp"
#include "assay/report_options.hpp"
#include "assay/verbs.hpp"
#include "golden/judge/selection.hpp"
#include "golden/judge/verdict.hpp"
#include "reports/console.hpp"
#include "reports/progress.hpp"

namespace assay {
namespace {

namespace po = boost::program_options;

struct DiffOptions {
  std::string expected;
  std::string actual;
  golden::Rows rows = golden::Rows::all;
  golden::Selection selection;
  std::string gates;
  ReportOptions reports;
  bool quiet = false;
};

void print_help(const po::options_description& description) {
  std::ostringstream text;
  text << description;
  fmt::print(
      "Usage: assay diff EXPECTED.h5 ACTUAL.h5|ACTUAL.safetensors [options]\n\n"
      "Judges the values that an engine recorded, without running anything. EXPECTED is a\n"
      "golden or a dump, ACTUAL a dump of any engine (golden/FORMAT.md, Writing a dump). A\n"
      "part of the sites is enough: what is there is judged, what is not is told.\n\n{}\n"
      "Exit code: 0 holds; 1 differs; 2 cannot judge; 3 nothing in common, or not of the\n"
      "same weights, config and inputs.\n",
      text.str());
}

std::optional<DiffOptions> parse(const Arguments& arguments) {
  DiffOptions options;
  std::vector<std::string> files;
  po::options_description visible("Options", 80, 50);
  visible.add_options()("sites", po::value(&options.selection.sites)->value_name("GLOB"),
                        "judge only these sites, e.g. 'router_*,logits'")(
      "layers", po::value<std::string>()->value_name("A:B"), "judge only layers A to B-1")(
      "real-rows", "leave out what belongs to tokens that attention_mask marks as padding")(
      "gates", po::value(&options.gates)->value_name("FILE"),
      "what float32 and bfloat16 engines may be off by; without it gates.json beside the golden");
  add_report_options(visible, options.reports);
  visible.add_options()("quiet", po::bool_switch(&options.quiet), "print only what does not hold")("help",
                                                                                                   "print this");
  po::options_description all;
  all.add(visible).add_options()("file", po::value(&files));
  const po::variables_map values = parse_options(arguments, all, po::positional_options_description().add("file", -1));
  if (values.contains("help")) {
    print_help(visible);
    return std::nullopt;
  }
  if (files.size() != 2) throw UsageError(fmt::format("expected EXPECTED and ACTUAL, found {} files", files.size()));
  options.expected = files[0];
  options.actual = files[1];
  if (values.contains("real-rows")) options.rows = golden::Rows::real;
  check_report_options(options.reports);
  golden::check_site_patterns(options.selection.sites);
  if (values.contains("layers")) golden::parse_layers(values["layers"].as<std::string>(), options.selection);
  return options;
}

std::string command(const DiffOptions& options) {
  return fmt::format("assay diff {} {}{}{}", shell_quoted(options.expected), shell_quoted(options.actual),
                     options.rows == golden::Rows::real ? " --real-rows" : "",
                     options.gates.empty() ? "" : " --gates " + shell_quoted(options.gates));
}

/// As verify: only float64 values are held against a truth itself, and a dump has no gates.
bool is_gated(const golden::GoldenFile& expected, Precision precision) {
  if (expected.kind() == golden::Kind::dump || expected.calls().empty()) return false;
  return precision != Precision::f64 || !expected.has(golden::Values::truth);
}

/// Also keeps the provenance of the expected values, where it gets as far.
golden::CaseResult judge(const DiffOptions& options, golden::Verification& verification) {
  golden::CaseResult result;
  result.golden = options.expected;
  result.actual = options.actual;
  result.case_name = std::filesystem::path(options.expected).stem().string();
  result.engine = std::filesystem::path(options.actual).filename().string();
  result.rows = options.rows;
  reports::Progress progress(stderr, isatty(STDERR_FILENO) != 0);
  try {
    const golden::GoldenFile expected(options.expected);
    for (const std::string& warning : expected.warnings()) fmt::print(stderr, "warning: {}\n", warning);
    verification.provenance[options.expected] = expected.provenance();
    const golden::Dump actual(options.actual);
    golden::ExamOptions exam;
    exam.rows = options.rows;
    exam.selection = options.selection;
    FoundGates gates;
    if (is_gated(expected, actual.run().precision)) {
      gates = GatesFinder(options.gates)
                  .find(expected,
                        actual.run().precision == Precision::bf16 ? golden::Values::hf_bf16 : golden::Values::hf32);
      if (!gates.calibration) {
        progress.clear();
        result.verdict = gates.verdict;
        result.error = gates.reason;
        return result;
      }
      exam.calibration = &*gates.calibration;
    }
    result = golden::diff(expected, actual, exam, command(options),
                          [&](double fraction, const std::string& where) { progress.update(fraction, where); });
  } catch (const std::exception& error) {
    result.error = error.what();
    result.verdict = golden::Verdict::invalid;
  }
  progress.clear();
  return result;
}

}  // namespace

int diff(const Arguments& arguments) {
  const std::optional<DiffOptions> options = parse(arguments);
  if (!options) return 0;
  Reports reports(options->reports);
  golden::Verification verification;
  verification.results.push_back(judge(*options, verification));
  if (const std::string& error = verification.results.front().error; !error.empty()) {
    fmt::print(stderr, "error: {}\n", error);
  }
  if (options->reports.prints()) {
    fmt::print("{}", reports::console(verification,
                                      {isatty(STDOUT_FILENO) != 0 ? reports::Colour::always : reports::Colour::never,
                                       options->quiet ? reports::Show::broken : reports::Show::all}));
  }
  reports.write(verification);
  return golden::exit_code(golden::verdict_of(verification));
}

}  // namespace assay
