// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/bench_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "bench/synthetic/random_weights.hpp"
#include "model/call.hpp"
#include "model/error.hpp"
#include "model/files/checkpoint.hpp"
#include "model/published/shapes.hpp"

namespace assay {
namespace {

constexpr std::uint64_t weights_seed = 20;

/// What is stored most.
DType dtype_of(const TensorSource& source) {
  std::map<DType, std::size_t> bytes;
  for (const auto& [name, tensor] : source.tensors()) bytes[tensor.dtype] += tensor.bytes.size();
  const auto most = std::ranges::max_element(bytes, {}, [](const auto& entry) { return entry.second; });
  return most == bytes.end() ? DType::f32 : most->first;
}

void name_model(BenchModel& model, const std::string& name_of_it) {
  model.settings["model"] = name_of_it;
  model.settings["model_type"] = model_type(model.config);
  model.settings["layers"] = fmt::format("{}", common(model.config).num_hidden_layers);
  model.settings["dtype"] = name(dtype_of(*model.source));
}

BenchModel random_model(const BenchModelOptions& options, std::size_t threads) {
  Config config = with_phimoe_longrope(
      parse_config(published_config(options.like, options.layers, options.dtype), "--like " + options.like),
      options.phimoe_longrope);
  auto random = std::make_unique<bench::RandomWeights>(config, options.dtype, weights_seed, threads);
  Weights weights = resolve_weights(config, *random);
  const std::size_t bytes = random->bytes();
  BenchModel model{std::move(config), nullptr, std::move(random), std::move(weights), {}, bytes};
  name_model(model, "like " + options.like);
  return model;
}

BenchModel checkpoint_model(const BenchModelOptions& options) {
  if (!std::filesystem::is_directory(options.checkpoint)) {
    throw Error(fmt::format("{}: expected a checkpoint folder, found none", options.checkpoint));
  }
  auto checkpoint = std::make_unique<Checkpoint>(options.checkpoint);
  Config config = with_phimoe_longrope(parse_config(checkpoint->config_text(), checkpoint->config_path().string()),
                                       options.phimoe_longrope);
  Weights weights = resolve_weights(config, *checkpoint);
  BenchModel model{std::move(config), nullptr, std::move(checkpoint), std::move(weights), {}, 0};
  // The folder's own name: where it lies is another matter on another day.
  name_model(model, std::filesystem::canonical(options.checkpoint).filename().string());
  return model;
}

BenchModel golden_model(const BenchModelOptions& options) {
  auto golden = std::make_unique<golden::GoldenFile>(options.golden);
  GoldenWeights loaded = load_weights(*golden, options.checkpoint);
  if (!loaded.stale.empty()) throw Error(loaded.stale);
  Config config = with_phimoe_longrope(golden->config(), options.phimoe_longrope);
  std::size_t bytes = 0;
  for (const auto& [name, tensor] : loaded.source->tensors()) bytes += tensor.mapped ? 0 : tensor.bytes.size();
  BenchModel model{
      std::move(config), std::move(golden), std::move(loaded.source), std::move(loaded.weights), {}, bytes};
  name_model(model, "golden " + model.golden->case_name());
  return model;
}

}  // namespace

BenchModel load_bench_model(const BenchModelOptions& options, std::size_t threads) {
  BenchModel model = !options.like.empty()     ? random_model(options, threads)
                     : !options.golden.empty() ? golden_model(options)
                                               : checkpoint_model(options);
  require_phimoe(model.config, options.phimoe_longrope);
  if (const Head head = common(model.config).head; head != Head::causal_lm) {
    throw Error(fmt::format("{}: expected a causal language model, found a {}", model.settings["model"], name(head)));
  }
  return model;
}

void check_wanted(const BenchModel& model, const bench::Wanted& wanted) {
  const std::size_t positions = common(model.config).max_position_embeddings;
  const std::size_t deepest = std::ranges::max(wanted.depths);
  const std::size_t longest = std::max(std::ranges::max(wanted.prompts), wanted.decode);
  if (deepest + longest > positions) {
    throw UsageError(
        fmt::format("--depth, --prompt, --decode: expected at most {} positions (max_position_embeddings), found {}",
                    positions, deepest + longest));
  }
  if (!can_cache(model.config) && (deepest > 0 || wanted.decode > 0)) {
    throw UsageError("--depth, --decode: expected 0 for a model that has no cache, found more");
  }
}

}  // namespace assay
