// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay selftest: whether the judge sees what is wrong.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <sstream>

#include "assay/report_file.hpp"
#include "assay/verbs.hpp"
#include "model/error.hpp"
#include "model/files/json.hpp"
#include "reports/progress.hpp"
#include "selftest/console.hpp"
#include "selftest/json.hpp"
#include "selftest/markdown.hpp"
#include "selftest/mutants/mutants.hpp"
#include "selftest/trials.hpp"

namespace assay {
namespace {

namespace po = boost::program_options;

struct SelftestOptions {
  std::string folder = "golden/data";
  std::string mutant = "*";
  std::string precision;  // "": both
  std::string markdown;
  std::string json;
  bool list = false;
};

std::optional<SelftestOptions> parse(const Arguments& arguments) {
  SelftestOptions options;
  po::options_description visible("Options", 80, 50);
  visible.add_options()("mutant", po::value(&options.mutant)->value_name("GLOB"), "those whose name matches only")(
      "precision", po::value(&options.precision)->value_name("f32|f64"), "one precision instead of both")(
      "markdown", po::value(&options.markdown)->value_name("FILE"), "also write the matrix as a page (- for stdout)")(
      "json", po::value(&options.json)->value_name("FILE"), "also write it for scripts (- for stdout)")(
      "list", po::bool_switch(&options.list), "name the mutants and run none")("help", "print this");
  po::options_description all;
  all.add(visible).add_options()("folder", po::value(&options.folder));
  const po::variables_map values = parse_options(arguments, all, po::positional_options_description().add("folder", 1));
  if (values.contains("help")) {
    std::ostringstream text;
    text << visible;
    fmt::print(
        "Usage: assay selftest [GOLDEN_FOLDER] [options]\n\n"
        "Tests the judge: runs the scalar engine with one thing wrong at a time against the\n"
        "goldens of a folder (golden/data), and shows which measures noticed. Exit code 0\n"
        "where all that changes a logit by more than the noise is noticed, and 95 % of it\n"
        "named at its site, and nothing is found where nothing is wrong; else 1.\n\n{}",
        text.str());
    return std::nullopt;
  }
  return options;
}

std::vector<Precision> precisions_of(const SelftestOptions& options) {
  if (options.precision.empty()) return {Precision::f32, Precision::f64};
  return {parse_precision(options.precision)};
}

}  // namespace

int self_test(const Arguments& arguments) {
  const std::optional<SelftestOptions> options = parse(arguments);
  if (!options) return 0;
  const std::vector<Precision> precisions = precisions_of(*options);
  const std::vector<selftest::Mutant> mutants = selftest::mutants_like(options->mutant);
  if (options->list) {
    fmt::print("{}", selftest::list_text(mutants));
    return 0;
  }
  if (!std::filesystem::is_directory(options->folder)) {
    throw Error(fmt::format("{}: expected a folder of goldens, found none", options->folder));
  }
  ReportFile markdown(options->markdown);
  ReportFile json(options->json);
  const bool quiet = options->markdown == "-" || options->json == "-";
  const auto start = std::chrono::steady_clock::now();
  reports::Progress progress(stderr, isatty(STDERR_FILENO) != 0);
  const selftest::KillMatrix matrix =
      selftest::kill_matrix(options->folder, mutants, precisions,
                            [&](double fraction, const std::string& mutant) { progress.update(fraction, mutant); });
  progress.clear();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!quiet) fmt::print("{}", selftest::console_text(matrix, seconds));
  markdown.write(selftest::markdown(matrix));
  json.write(pretty_json(selftest::json(matrix, seconds)));
  return selftest::holds(matrix) ? 0 : 1;
}

}  // namespace assay
