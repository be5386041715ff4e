// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/engine.hpp"
#include <sched.h>

#include "optimized/models/granite_moe.hpp"
#include "optimized/models/granite_moe_hybrid.hpp"
#include "optimized/models/granite_moe_shared.hpp"
#include "optimized/models/phimoe.hpp"

namespace assay::optimized {
namespace {

/// Which class computes which config; an architecture without a line here does not compile.
struct EngineOf {
  const Weights& weights;
  const EngineOptions& options;

  std::unique_ptr<Engine> operator()(const GraniteMoeConfig& config) const {
    return std::make_unique<GraniteMoe>(config, weights, options);
  }
  std::unique_ptr<Engine> operator()(const GraniteMoeSharedConfig& config) const {
    return std::make_unique<GraniteMoeShared>(config, weights, options);
  }
  std::unique_ptr<Engine> operator()(const GraniteMoeHybridConfig& config) const {
    return std::make_unique<GraniteMoeHybrid>(config, weights, options);
  }
  std::unique_ptr<Engine> operator()(const PhimoeConfig& config) const {
    return std::make_unique<Phimoe>(config, weights, options);
  }
};

}  // namespace

std::size_t default_threads() {
  cpu_set_t own;
  CPU_ZERO(&own);
  if (sched_getaffinity(0, sizeof own, &own) != 0) return 1;
  return static_cast<std::size_t>(CPU_COUNT(&own));
}

std::unique_ptr<Engine> make_engine(const Config& config, const Weights& weights, const EngineOptions& options) {
  return std::visit(EngineOf{weights, options}, config);
}

}  // namespace assay::optimized
