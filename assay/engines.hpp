// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The engines of this build, and the weights that a golden is run with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "golden/format/golden_file.hpp"
#include "model/config/manifest.hpp"
#include "model/engine.hpp"
#include "model/tensor_source.hpp"

namespace assay {

/// The names behind --engine: one, or for "all" every engine of this build. Throws UsageError.
[[nodiscard]] std::vector<std::string> engines_named(const std::string& option);

[[nodiscard]] std::unique_ptr<Engine> make_engine(const std::string& engine, const Config& config,
                                                  const Weights& weights, Precision precision);

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
