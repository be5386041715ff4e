// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "assay/optimized_engine.hpp"
#include "bench/roofs/roofs.hpp"
#include "optimized/blis/kernel_info.hpp"
#include "optimized/engine.hpp"

namespace assay {

bool has_optimized_engine() { return true; }

std::size_t default_threads() { return optimized::default_threads(); }

std::unique_ptr<Engine> make_optimized_engine(const EngineSettings& settings, const Config& config,
                                              const Weights& weights) {
  optimized::EngineOptions options;
  options.threads = settings.threads;
  options.weights = settings.weights == DType::bf16 ? optimized::WeightStorage::bf16 : optimized::WeightStorage::f32;
  return optimized::make_engine(config, weights, options);
}

bench::Roofs measure_roofs(std::size_t threads) { return bench::measure_roofs(threads); }

std::string blis_text() {
  const optimized::blis::KernelInfo kernel = optimized::blis::kernel_info();
  return fmt::format("{}, {} kernels, {} x {} float32 microkernel", kernel.library_version, kernel.architecture,
                     kernel.rows, kernel.columns);
}

}  // namespace assay
