// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What of the optimized engine is in this build; CMake picks one of the two files that implement this.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "assay/engines.hpp"
#include "bench/result/result.hpp"

namespace assay {

[[nodiscard]] bool has_optimized_engine();

/// The cores that this process may run on; 1 in a build without the engine.
[[nodiscard]] std::size_t default_threads();

/// Throws UsageError in a build without the engine.
[[nodiscard]] std::unique_ptr<Engine> make_optimized_engine(const EngineSettings& settings, const Config& config,
                                                            const Weights& weights);

/// Measured now, in about a second; zeros in a build without the engine.
[[nodiscard]] bench::Roofs measure_roofs(std::size_t threads);

/// "0.9.0, zen kernels, 6 x 16 microkernel", or that the build is without it.
[[nodiscard]] std::string blis_text();

}  // namespace assay
