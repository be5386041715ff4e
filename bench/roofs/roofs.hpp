// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The two roofs of this machine, which no engine built on them can exceed: the rate of BLIS's microkernel on panels
// that lie in the caches, and that at which all threads together read memory. It measures no engine.
#pragma once

#include <cstddef>

#include "bench/result/result.hpp"

namespace assay::bench {

/// quick takes about a second, for a run that wants the roofs beside its own figures; thorough several, for figures
/// that are quoted. What other programs do to the machine only ever lowers a roof, so longer is higher, never wrong.
enum class RoofEffort { quick, thorough };

struct MeasuredRoofs {
  Roofs roofs;                         ///< the best that was seen
  std::size_t microkernel_narrow = 0;  ///< sides of its tile, as blis::Microkernel has them
  std::size_t microkernel_wide = 0;
  std::size_t buffer_bytes = 0;  ///< that were read: several times the last-level cache
};

/// Of `threads` >= 1 threads together. Throws Error where memory does not hold a buffer that is larger than the caches.
[[nodiscard]] MeasuredRoofs measure_roofs(std::size_t threads, RoofEffort effort);

/// The quick ones.
[[nodiscard]] inline Roofs measure_roofs(std::size_t threads) {
  return measure_roofs(threads, RoofEffort::quick).roofs;
}

}  // namespace assay::bench
