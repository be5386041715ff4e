// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/engines.hpp"

#include <fmt/format.h>

#include "assay/optimized_engine.hpp"
#include "golden/format/recorded_checkpoint.hpp"
#include "model/error.hpp"
#include "model/files/checkpoint.hpp"
#include "reference/engine.hpp"

namespace assay {
namespace {

/// One line for the reader: the first difference, and how many more there are.
std::string first_and_count(const std::vector<std::string>& differences) {
  if (differences.empty()) return "";
  if (differences.size() == 1) return differences.front();
  return fmt::format("{}; and {} more tensors differ", differences.front(), differences.size() - 1);
}

}  // namespace

std::unique_ptr<Engine> make_engine(const EngineSettings& settings, const Config& config, const Weights& weights) {
  if (settings.name == "optimized") return make_optimized_engine(settings, config, weights);
  return reference::make_engine(config, weights, settings.precision);
}

golden::EngineRun engine_run(const EngineSettings& settings) {
  golden::EngineRun run;
  run.engine = settings.name;
  run.precision = settings.precision;
  if (settings.name == "optimized") {
    run.threads = settings.threads;
    run.weights = name(settings.weights);
  }
  return run;
}

GoldenWeights load_weights(const golden::GoldenFile& golden, const std::string& checkpoint_folder) {
  if (golden.has_embedded_weights()) {
    if (!checkpoint_folder.empty()) {
      throw Error(fmt::format("{}: --checkpoint: expected a golden whose weights are elsewhere, this one holds its own",
                              golden.file()));
    }
    auto source = std::make_unique<golden::EmbeddedWeights>(golden);
    Weights weights = resolve_weights(golden.config(), *source);
    return {std::move(source), std::move(weights), ""};
  }
  if (!golden.checkpoint()) throw Error(fmt::format("{}: expected a golden with weights, found a dump", golden.file()));
  const std::filesystem::path folder =
      checkpoint_folder.empty() ? golden.checkpoint()->path : std::filesystem::path(checkpoint_folder);
  auto source = std::make_unique<Checkpoint>(folder);
  std::string stale;
  if (source->config_text() != golden.config_text()) {
    stale = fmt::format("{}: expected the text that {} holds, found another", source->config_path().string(),
                        golden.file());
  } else {
    stale = first_and_count(golden::stale_tensors(*golden.checkpoint(), *source));
  }
  if (!stale.empty()) return {std::move(source), Weights({}), stale};
  Weights weights = resolve_weights(golden.config(), *source);
  return {std::move(source), std::move(weights), ""};
}

}  // namespace assay
