// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a list of numbers comes to: quantiles, mean, spread.
#pragma once

#include <span>
#include <vector>

#include "bench/result/result.hpp"

namespace assay::bench {

/// The quantile `share` (0 to 1) of at least one value: linear between the two values beside it, as numpy's default and
/// R's type 7.
[[nodiscard]] double quantile(std::vector<double> values, double share);

/// The value in the middle of at least one, or the mean of the two there.
[[nodiscard]] double median(std::vector<double> values);

[[nodiscard]] double mean(std::span<const double> values);

/// The sample's standard deviation (n - 1 below); 0 for fewer than two values.
[[nodiscard]] double standard_deviation(std::span<const double> values);

/// How far the middle half lies apart, as a share of the median: (q75 - q25) / q50. At least one value above 0.
[[nodiscard]] double spread(const std::vector<double>& values);

[[nodiscard]] std::vector<double> real_seconds(std::span<const Sample> samples);
[[nodiscard]] std::vector<double> cpu_seconds(std::span<const Sample> samples);

}  // namespace assay::bench
