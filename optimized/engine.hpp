// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The optimized engine: weights packed once, BLIS's microkernel, fixed partitions over threads, float32.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "model/config/manifest.hpp"
#include "model/engine.hpp"
#include "optimized/workspace.hpp"

namespace assay::optimized {

/// How packed weights are held; they are the values of the checkpoint in both, and sums are float32 in both.
enum class WeightStorage { f32, bf16 };

struct EngineOptions {
  std::size_t threads = 1;
  WeightStorage weights = WeightStorage::f32;
  Poison poison = Poison::no;
  std::optional<std::size_t> available_bytes;  ///< of memory; as the system says where there is none
};

/// The cores that this process may run on.
[[nodiscard]] std::size_t default_threads();

/// Packs the weights: their source need not outlive the call. Throws Error where the config asks for something that
/// this engine does not compute, and where memory does not hold the packed weights.
[[nodiscard]] std::unique_ptr<Engine> make_engine(const Config& config, const Weights& weights,
                                                  const EngineOptions& options);

}  // namespace assay::optimized
