// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay report: what stored results of benchmarks say: of one, of two held against each other, or of a folder of them.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "assay/report_file.hpp"
#include "assay/report_options.hpp"
#include "assay/verbs.hpp"
#include "assay/version.hpp"
#include "bench/result/json.hpp"
#include "bench/statistics/compare.hpp"
#include "bench/statistics/confirmation.hpp"
#include "bench/statistics/history.hpp"
#include "bench/statistics/rates.hpp"
#include "model/error.hpp"
#include "model/files/atomic_file.hpp"
#include "reports/bench/comparison_console.hpp"
#include "reports/bench/comparison_json.hpp"
#include "reports/bench/comparison_junit.hpp"
#include "reports/bench/comparison_markdown.hpp"
#include "reports/bench/history_console.hpp"
#include "reports/bench/html.hpp"
#include "reports/bench/rates.hpp"
#include "reports/bench/result_console.hpp"
#include "reports/bench/result_markdown.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

/// A self-test whose rates are not as they must be.
constexpr int rates_miss = 1;

struct Options {
  std::vector<std::string> files;         ///< one or two
  std::string history;                    ///< a folder; then no files
  std::string rates;                      ///< of a self-test; then no files
  std::vector<std::string> confirmation;  ///< none or two: a second look at the rows that regressed
  bench::CompareOptions compare;

  [[nodiscard]] bool is_comparison() const { return history.empty() && rates.empty() && files.size() == 2; }
  ReportOptions reports;  ///< of these: json, markdown, junit, html
};

void print_help(const po::options_description& description) {
  std::ostringstream text;
  text << description;
  fmt::print(
      "Usage: assay report BASE.json NEW.json [options]\n"
      "       assay report RESULT.json [options]\n"
      "       assay report --history DIR [options]\n"
      "       assay report --rates FILE [options]\n\n"
      "Compares two results of benchmarks, as assay bench and Google Benchmark write\n"
      "them; shows one; shows how the rows of a folder of results went; or shows how\n"
      "often comparisons are right. docs/benchmarking.md has the rule behind the\n"
      "verdicts.\n\n{}\n"
      "Exit code: 0 no regression; 1 regression, or rates that are not as they must be;\n"
      "2 cannot judge; 4 inconclusive.\n",
      text.str());
}

/// The next history would take it for a result.
void check_outside(const std::string& json, const std::string& folder) {
  if (json.empty() || json == "-") return;
  std::error_code ignored;  // a folder that is not there is met where it is read
  if (!fs::equivalent(fs::absolute(json).parent_path(), folder, ignored)) return;
  throw UsageError(fmt::format("--json: expected a file outside of {}, found \"{}\"", folder, json));
}

/// What is shown, where it is no comparison.
std::string_view shown(const Options& options) {
  return !options.history.empty() ? "a history" : !options.rates.empty() ? "rates" : "one";
}

void check_mode(const Options& options) {
  const std::size_t count = options.files.size();
  const bool takes_files = options.history.empty() && options.rates.empty();
  if (takes_files && (count == 0 || count > 2)) {
    throw UsageError(
        fmt::format("expected RESULT, BASE and NEW, --history DIR, or --rates FILE, found {} files", count));
  }
  if (!takes_files && count > 0) {
    throw UsageError(
        fmt::format("{}: expected no other files, found {}", options.history.empty() ? "--rates" : "--history", count));
  }
  if (!options.history.empty() && !options.rates.empty()) {
    throw UsageError("--history: expected no --rates beside it, found both");
  }
  const auto only_for_two = [&](bool is_given, std::string_view option) {
    if (!is_given || options.is_comparison()) return;
    throw UsageError(fmt::format("{}: expected two results to compare, found {}", option, shown(options)));
  };
  only_for_two(!options.reports.junit.empty(), "--junit");
  only_for_two(!options.confirmation.empty(), "--confirmation");
  only_for_two(options.compare.across_machines, "--across-machines");
  only_for_two(options.compare.across_settings, "--across-settings");
  if (!options.confirmation.empty() && options.confirmation.size() != 2) {
    throw UsageError(fmt::format("--confirmation: expected BASE and NEW, found {} files", options.confirmation.size()));
  }
  if (!options.history.empty() && !options.reports.markdown.empty()) {
    throw UsageError("--markdown: expected results to show or compare, found a history");
  }
  if (!options.rates.empty() && !options.reports.html.empty()) {
    throw UsageError("--html: expected results to show or compare, found rates");
  }
  if (!options.history.empty()) check_outside(options.reports.json, options.history);
}

std::optional<Options> parse(const Arguments& arguments) {
  Options options;
  po::options_description visible("Options", 80, 50);
  visible.add_options()("history", po::value(&options.history)->value_name("DIR"),
                        "show all results (*.json) of a folder in the order of their dates")(
      "confirmation", po::value(&options.confirmation)->value_name("BASE NEW")->multitoken(),
      "a second comparison, of what was measured again: a regression counts where both show it")(
      "rates", po::value(&options.rates)->value_name("FILE"), "show what script/regress --self-test counted")(
      "across-machines", po::bool_switch(&options.compare.across_machines), "compare results of different machines")(
      "across-settings", po::bool_switch(&options.compare.across_settings), "compare results of different settings")(
      "json", po::value(&options.reports.json)->value_name("FILE"), "write it as JSON; - for standard output")(
      "markdown", po::value(&options.reports.markdown)->value_name("FILE"), "write it as Markdown")(
      "junit", po::value(&options.reports.junit)->value_name("FILE"), "write a comparison as JUnit XML")(
      "html", po::value(&options.reports.html)->value_name("FILE"), "write a page with charts, whole in one file")(
      "help", "print this");
  po::options_description all;
  all.add(visible).add_options()("file", po::value(&options.files));
  const po::variables_map values = parse_options(arguments, all, po::positional_options_description().add("file", -1));
  if (values.contains("help")) {
    print_help(visible);
    return std::nullopt;
  }
  for (const char* const option : {"history", "rates"}) {
    if (!values.contains(option) || !values[option].as<std::string>().empty()) continue;
    throw UsageError(fmt::format("--{}: expected a name, found an empty one", option));
  }
  check_mode(options);
  check_report_options(options.reports);
  return options;
}

/// The files, claimed before the work begins.
struct Files {
  explicit Files(const ReportOptions& options)
      : json(options.json), markdown(options.markdown), junit(options.junit), html(options.html) {}
  ReportFile json;
  ReportFile markdown;
  ReportFile junit;
  ReportFile html;
};

reports::Style style() {
  return {isatty(STDOUT_FILENO) != 0 ? reports::Colour::always : reports::Colour::never, reports::Show::all};
}

int report_one(const Options& options) {
  const bench::Result result = bench::read_result(options.files[0]);
  Files files(options.reports);
  if (options.reports.prints()) fmt::print("{}", reports::result_table(result, style()));
  if (!options.reports.json.empty()) files.json.write(bench::to_json(result));
  if (!options.reports.markdown.empty()) files.markdown.write(reports::result_markdown(result));
  if (!options.reports.html.empty()) files.html.write(reports::result_page(result, version_text()));
  return 0;
}

/// Two results and what they say of each other.
struct Compared {
  Compared(const std::vector<std::string>& files, bench::CompareOptions options)
      : base(bench::read_result(files[0])), fresh(bench::read_result(files[1])) {
    options.base_file = files[0];
    options.fresh_file = files[1];
    comparison = bench::compare(base, fresh, options);
  }

  bench::Result base;
  bench::Result fresh;
  bench::Comparison comparison;
};

int report_two(const Options& options) {
  Compared compared(options.files, options.compare);
  if (!options.confirmation.empty()) {
    const Compared again(options.confirmation, options.compare);
    compared.comparison = bench::confirm(std::move(compared.comparison), again.comparison);
  }
  const bench::Comparison& comparison = compared.comparison;
  Files files(options.reports);
  if (options.reports.prints()) fmt::print("{}", reports::comparison_console(comparison, style()));
  if (!options.reports.json.empty()) files.json.write(reports::comparison_json(comparison));
  if (!options.reports.markdown.empty()) files.markdown.write(reports::comparison_markdown(comparison));
  if (!options.reports.junit.empty()) files.junit.write(reports::comparison_junit(comparison));
  if (!options.reports.html.empty()) {
    files.html.write(reports::comparison_page(comparison, compared.base, compared.fresh, version_text()));
  }
  return bench::exit_code(verdict_of(comparison));
}

int report_rates(const Options& options) {
  const bench::Rates rates = bench::parse_rates(read_text_file(options.rates), options.rates);
  Files files(options.reports);
  if (options.reports.prints()) fmt::print("{}", reports::rates_console(rates, style()));
  if (!options.reports.json.empty()) files.json.write(reports::rates_json(rates));
  if (!options.reports.markdown.empty()) files.markdown.write(reports::rates_markdown(rates));
  return bench::all_hold(rates) ? 0 : rates_miss;
}

/// Reads all of them: a file that is no result is an error, not a gap in a curve.
std::vector<bench::StoredResult> results_in(const std::string& folder) {
  if (!fs::is_directory(folder)) throw Error(fmt::format("{}: expected a folder of results, found none", folder));
  std::vector<fs::path> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  std::vector<bench::StoredResult> results;
  for (const fs::path& path : paths) results.push_back({path.filename().string(), bench::read_result(path.string())});
  return results;
}

int report_history(const Options& options) {
  std::vector<bench::StoredResult> results = results_in(options.history);
  Files files(options.reports);
  const bench::History history = bench::make_history(options.history, std::move(results));
  if (options.reports.prints()) fmt::print("{}", reports::history_console(history, style()));
  if (!options.reports.json.empty()) files.json.write(reports::history_json(history));
  if (!options.reports.html.empty()) files.html.write(reports::history_page(history, version_text()));
  return 0;
}

}  // namespace

int report(const Arguments& arguments) {
  const std::optional<Options> options = parse(arguments);
  if (!options) return 0;
  if (!options->history.empty()) return report_history(*options);
  if (!options->rates.empty()) return report_rates(*options);
  return options->files.size() == 1 ? report_one(*options) : report_two(*options);
}

}  // namespace assay
