// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a machine could do at best, and how much of it was done: the roofline model of Williams, Waterman and Patterson
// ("Roofline", Communications of the ACM 52(4), 2009) with roofs that were measured.
#pragma once

#include <optional>

#include "bench/result/result.hpp"

namespace assay::bench {

/// Of one call, or of several together.
struct Work {
  double flops = 0;
  double bytes = 0;  ///< moved at least
  double seconds = 0;
};

/// max(flops / peak, bytes / bandwidth) / seconds: 1 is all that the machine can do. Above 1 where bytes came from a
/// cache and the bandwidth is that of memory. None for no work or no time, and where a roof that the work needs was not
/// measured.
[[nodiscard]] std::optional<double> share_of_roof(const Work& work, const Roofs& roofs);

/// FLOP a byte; none where no bytes are known.
[[nodiscard]] std::optional<double> intensity(const Work& work);

enum class Bound { compute, memory };

/// The roof that is over the work: memory below the intensity at which both meet, compute from there on. None where
/// share_of_roof is none.
[[nodiscard]] std::optional<Bound> bound_of(const Work& work, const Roofs& roofs);

}  // namespace assay::bench
