// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay dump: an engine's own values, in the layout of a golden.
#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <sstream>

#include "assay/engine_options.hpp"
#include "assay/engines.hpp"
#include "assay/phimoe_longrope.hpp"
#include "assay/positions.hpp"
#include "assay/verbs.hpp"
#include "golden/format/dump_writer.hpp"
#include "golden/judge/selection.hpp"
#include "golden/judge/verdict.hpp"
#include "model/error.hpp"
#include "model/files/atomic_file.hpp"
#include "reports/facts.hpp"
#include "reports/text.hpp"

namespace assay {
namespace {

namespace po = boost::program_options;

struct DumpOptions {
  std::string golden;
  EngineSettings settings;
  golden::Selection selection;
  std::optional<PhimoeLongrope> phimoe_longrope;
  std::string checkpoint;
  std::string out;
};

std::optional<DumpOptions> parse(const Arguments& arguments) {
  DumpOptions options;
  po::options_description visible("Options", 80, 50);
  visible.add_options()("engine", po::value<std::string>()->value_name("E"), "reference or optimized")(
      "precision", po::value<std::string>()->value_name("P")->default_value("f32"), "f32 or f64");
  add_optimized_options(visible);
  add_phimoe_longrope_option(visible);
  visible.add_options()("sites", po::value(&options.selection.sites)->value_name("GLOB"),
                        "write only these sites, e.g. 'router_*,logits'")(
      "layers", po::value<std::string>()->value_name("A:B"), "write only layers A to B-1")(
      "checkpoint", po::value(&options.checkpoint)->value_name("DIR"),
      "the weights of a golden that holds none, where they are not where they were")(
      "out", po::value(&options.out)->value_name("FILE"), "the file to write")("help", "print this");
  po::options_description all;
  all.add(visible).add_options()("golden", po::value(&options.golden));
  const po::variables_map values = parse_options(arguments, all, po::positional_options_description().add("golden", 1));
  if (values.contains("help")) {
    std::ostringstream text;
    text << visible;
    fmt::print(
        "Usage: assay dump GOLDEN --engine E --out FILE.h5 [options]\n\n"
        "Makes the calls of the golden with its weights, and writes what the engine\n"
        "computed at every site (golden/FORMAT.md, kind = dump).\n\n{}",
        text.str());
    return std::nullopt;
  }
  if (options.golden.empty()) throw UsageError("expected a golden, found none");
  if (!values.contains("engine")) throw UsageError("--engine: expected reference or optimized, found none");
  if (options.out.empty()) throw UsageError("--out: expected a file to write, found none");
  const std::string engine = one_of("--engine", values["engine"].as<std::string>(), {"reference", "optimized"});
  options.settings =
      engine_settings(values, engines_named(engine).front(), parse_precision(values["precision"].as<std::string>()));
  options.phimoe_longrope = phimoe_longrope_option(values);
  golden::check_site_patterns(options.selection.sites);
  if (values.contains("layers")) golden::parse_layers(values["layers"].as<std::string>(), options.selection);
  return options;
}

}  // namespace

int dump(const Arguments& arguments) {
  const std::optional<DumpOptions> options = parse(arguments);
  if (!options) return 0;
  std::error_code ignored;  // a file that does not exist is not the same
  if (std::filesystem::equivalent(options->golden, options->out, ignored)) {
    throw UsageError(fmt::format("--out: expected another file than the golden, found {}", options->out));
  }
  AtomicFile out(options->out);
  const golden::GoldenFile golden(options->golden);
  if (golden.calls().empty()) {
    throw Error(fmt::format("{}: expected calls to dump, found a generation alone", options->golden));
  }
  for (const std::string& warning : golden.warnings()) fmt::print(stderr, "warning: {}\n", warning);
  require_phimoe(golden.config(), options->phimoe_longrope);
  const GoldenWeights weights = load_weights(golden, options->checkpoint);
  if (!weights.stale.empty()) {
    fmt::print(stderr, "error: {}\n", weights.stale);
    return golden::exit_code(golden::Verdict::stale);
  }
  if (const std::string warning = position_warning(golden); !warning.empty()) {
    fmt::print(stderr, "warning: {}\n", warning);
  }
  const Config config = with_phimoe_longrope(golden.config(), options->phimoe_longrope);
  const auto engine = make_engine(options->settings, config, weights.weights);
  golden::DumpWriter writer(out.temporary(), golden, engine_run(options->settings), options->selection);
  writer.declare(*engine);
  if (const auto* phimoe = std::get_if<PhimoeConfig>(&config)) writer.declare(phimoe->longrope);
  for (std::size_t i = 0; i < golden.calls().size(); ++i) {
    writer.begin_call(CallIndex{i});
    engine->forward(golden.calls()[i].call(), Probe(&writer));
  }
  writer.close();
  const std::vector<Site>& absent = writer.not_provided();
  if (writer.sites() == 0) {
    fmt::print(stderr, "error: {}: expected sites that --sites and --layers select, found none{}\n", options->golden,
               absent.empty() ? "" : fmt::format(" that the {} engine shows", options->settings.name));
    return golden::exit_code(golden::Verdict::vacuous);
  }
  out.commit();
  fmt::print("{}: {} sites of {} calls, {}\n", options->out, writer.sites(), golden.calls().size(),
             reports::engine_text(engine_run(options->settings)));
  const std::string unseen = reports::not_provided_text(options->settings.name, absent);
  for (const std::string& line : reports::wrap(unseen, 78)) {
    if (!line.empty()) fmt::print("  {}\n", line);
  }
  return 0;
}

}  // namespace assay
