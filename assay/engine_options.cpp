// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/engine_options.hpp"

#include <fmt/format.h>

#include <charconv>

#include "assay/optimized_engine.hpp"
#include "assay/options.hpp"

namespace assay {
namespace {

namespace po = boost::program_options;

constexpr std::size_t most_threads = 1024;

std::size_t parse_threads(const std::string& value) {
  std::size_t threads = 0;
  const char* const end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, threads);
  if (error != std::errc{} || rest != end || threads == 0 || threads > most_threads) {
    throw UsageError(fmt::format("--threads: expected 1 to {}, found \"{}\"", most_threads, value));
  }
  return threads;
}

void refuse_optimized_options(const po::variables_map& values) {
  if (values.contains("threads")) {
    throw UsageError("--threads: expected a run of the optimized engine, found only the reference, which has none");
  }
  if (values.contains("weights")) {
    throw UsageError(
        "--weights: expected a run of the optimized engine, found only the reference, which takes them as stored");
  }
}

EngineSettings optimized_settings(const po::variables_map& values) {
  EngineSettings settings;
  settings.name = "optimized";
  settings.threads = default_threads();
  if (values.contains("threads")) settings.threads = parse_threads(values["threads"].as<std::string>());
  if (values.contains("weights")) {
    const std::string weights = one_of("--weights", values["weights"].as<std::string>(), {"f32", "bf16"});
    settings.weights = weights == "bf16" ? DType::bf16 : DType::f32;
  }
  return settings;
}

void warn_of_threads(const EngineSettings& settings) {
  if (settings.threads <= default_threads()) return;
  fmt::print(stderr, "warning: --threads: expected up to the {} cores of this process, found {}\n", default_threads(),
             settings.threads);
}

void refuse_f64() { throw UsageError("--precision: expected f32 (optimized computes in f32 only), found \"f64\""); }

}  // namespace

std::vector<std::string> engines_named(const std::string& option) {
  const std::string engine = one_of("--engine", option, {"reference", "optimized", "all"});
  if (engine == "optimized" && !has_optimized_engine()) {
    throw UsageError("--engine: expected an engine of this build (reference), found \"optimized\"");
  }
  if (engine != "all") return {engine};
  if (!has_optimized_engine()) return {"reference"};
  return {"reference", "optimized"};
}

void add_optimized_options(po::options_description& description) {
  description.add_options()("threads", po::value<std::string>()->value_name("N"),
                            "threads of the optimized engine; without it as many as there are cores")(
      "weights", po::value<std::string>()->value_name("W"),
      "how the optimized engine holds its weights: f32 (the default) or bf16");
}

EngineSettings engine_settings(const po::variables_map& values, const std::string& engine, Precision precision) {
  EngineSettings settings = optimized_settings(values);
  if (engine == "optimized") {
    if (precision == Precision::f64) refuse_f64();
    warn_of_threads(settings);
    return settings;
  }
  refuse_optimized_options(values);
  settings = {};
  settings.precision = precision;
  return settings;
}

std::vector<EngineSettings> engine_runs(const po::variables_map& values) {
  const std::vector<std::string> engines = engines_named(values["engine"].as<std::string>());
  std::vector<Precision> precisions{Precision::f64, Precision::f32};
  if (values.contains("precision")) precisions = {parse_precision(values["precision"].as<std::string>())};
  const EngineSettings optimized = optimized_settings(values);
  const bool has_f32 = precisions.back() == Precision::f32;

  std::vector<EngineSettings> runs;
  if (engines.front() == "reference") {
    for (const Precision precision : precisions) runs.push_back({.name = "reference", .precision = precision});
  }
  if (engines.back() != "optimized") {
    refuse_optimized_options(values);
  } else if (has_f32) {
    warn_of_threads(optimized);
    runs.push_back(optimized);
  } else if (engines.size() == 1) {
    refuse_f64();
  } else {
    refuse_optimized_options(values);
    fmt::print(stderr, "note: the optimized engine has no float64: only the reference is run\n");
  }
  return runs;
}

std::string optimized_arguments(const EngineSettings& settings) {
  if (settings.name != "optimized") return "";
  return fmt::format(" --threads {} --weights {}", settings.threads, name(settings.weights));
}

}  // namespace assay
