// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a count of hits says of how often they come.
#pragma once

#include <cstddef>

#include "bench/statistics/interval.hpp"

namespace assay::bench {

/// Clopper and Pearson's exact interval of the probability behind `hits` in `trials`. hits <= trials, trials > 0.
[[nodiscard]] Interval proportion_interval(std::size_t hits, std::size_t trials, double confidence = 0.95);

}  // namespace assay::bench
