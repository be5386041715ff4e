// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How far a median may be off, from the values themselves: medians of values drawn from them again and again, with
// replacement (Efron and Tibshirani, An Introduction to the Bootstrap, chapters 13 and 14).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "bench/statistics/interval.hpp"

namespace assay::bench {

/// Values by the launch of the process that they come from. All values of a launch share what is peculiar to it (where
/// its memory lies), so launches are drawn first, then values within each. Values that are independent are launches of
/// one.
using Launches = std::vector<std::vector<double>>;

/// `values` in launches of `launch_size` each (at least 1); the last may be smaller. One launch alone does not tell how
/// launches differ: its values are then taken for independent.
[[nodiscard]] Launches in_launches(std::span<const double> values, std::size_t launch_size);

struct BootstrapOptions {
  double confidence = 0.95;
  std::size_t resamples = 4000;
  /// Below so many launches the percentiles are corrected for bias and acceleration (BCa).
  std::size_t corrected_below = 20;
};

/// Of the median of all values. At least one value; of one value it is a point. The same values give the same interval.
[[nodiscard]] Interval median_interval(const Launches& values, const BootstrapOptions& options = {});

/// Of the median of `fresh` less the median of `base`, which are drawn independently of each other.
[[nodiscard]] Interval median_difference_interval(const Launches& base, const Launches& fresh,
                                                  const BootstrapOptions& options = {});

}  // namespace assay::bench
