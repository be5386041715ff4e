// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/engine.hpp"

#include <sched.h>

#include <algorithm>

#include "model/error.hpp"

namespace assay::optimized {

std::size_t default_threads() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return static_cast<std::size_t>(std::max(1, CPU_COUNT(&cores)));
}

std::unique_ptr<Engine> make_engine(const Config&, const Weights&, const EngineOptions&) {
  throw Error("optimized engine: not built yet");
}

}  // namespace assay::optimized
