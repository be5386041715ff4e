// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The engines of this build, and the weights that a golden is run with.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "golden/format/golden_file.hpp"
#include "golden/judge/result.hpp"
#include "model/config/manifest.hpp"
#include "model/dtype.hpp"
#include "model/engine.hpp"
#include "model/tensor_source.hpp"

namespace assay {

/// Which engine, and how it is to run.
struct EngineSettings {
  std::string name = "reference";  ///< or "optimized"
  Precision precision = Precision::f32;
  std::size_t threads = 1;     ///< of the optimized engine
  DType weights = DType::f32;  ///< how the optimized engine holds them: f32 or bf16
};

/// Borrows the weights: their source must outlive the engine. Throws Error, and UsageError where the engine is not in
/// this build.
[[nodiscard]] std::unique_ptr<Engine> make_engine(const EngineSettings& settings, const Config& config,
                                                  const Weights& weights);

/// How the results of a run name the engine.
[[nodiscard]] golden::EngineRun engine_run(const EngineSettings& settings);

/// The weights of a golden, wherever they are, checked and named.
struct GoldenWeights {
  std::unique_ptr<TensorSource> source;
  Weights weights;
  /// Why these are not the weights that the golden was made from; empty if they are.
  std::string stale;
};

/// `checkpoint_folder` replaces the path that the golden remembers; empty for that path. Throws Error.
[[nodiscard]] GoldenWeights load_weights(const golden::GoldenFile& golden, const std::string& checkpoint_folder);

}  // namespace assay
