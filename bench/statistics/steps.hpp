// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Where a series of results changes its level for good.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace assay::bench {

struct Step {
  std::size_t place = 0;  ///< of the first point on the new level
  double ratio = 1;       ///< new level over old: 1.05 is 5 % slower, where points are times
  double p = 1;           ///< of Welch's t-test between the two levels
};

struct StepOptions {
  std::size_t window = 50;  ///< so many points are looked at together
  double p = 0.001;         ///< a step is at most so likely to be none
  double magnitude = 0.03;  ///< a step is at least so large: 0.03 is 3 %
};

/// Steps in a series of numbers above 0, in the order of their places. Levels are means of logarithms. No step leaves
/// fewer than four points on a side.
[[nodiscard]] std::vector<Step> find_steps(std::span<const double> series, const StepOptions& options = {});

}  // namespace assay::bench
