// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The optimized engine: float32 arithmetic on packed weights, several threads. It computes what reference/ computes, by
// other algorithms and without a line of it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "model/config/manifest.hpp"
#include "model/engine.hpp"
#include "optimized/weight_storage.hpp"
#include "optimized/workspace.hpp"

namespace assay::optimized {

struct EngineOptions {
  std::size_t threads = 1;
  WeightStorage weights = WeightStorage::f32;
  Poison poison = Poison::no;
  /// What the packed weights may take; what the system has where there is none.
  std::optional<std::size_t> available_bytes{};
};

/// The processors that this process may run on.
[[nodiscard]] std::size_t default_threads();

/// Packs the weights; embeddings are read where they are stored, so the source of the weights must outlive the engine.
/// Throws Error where the config asks for something that this engine does not compute, where memory does not hold the
/// packed weights, and where bfloat16 storage would round a weight.
[[nodiscard]] std::unique_ptr<Engine> make_engine(const Config& config, const Weights& weights,
                                                  const EngineOptions& options);

}  // namespace assay::optimized
