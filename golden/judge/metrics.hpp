// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Figures of one tensor against its expected values. They measure; tolerance and examiner decide.
#pragma once

#include <optional>
#include <span>

#include "golden/judge/places.hpp"
#include "golden/judge/result.hpp"

namespace assay::golden {

/// Strong types against swapped arguments.
struct Expected {
  std::span<const double> values;
};
struct Actual {
  std::span<const double> values;
};

/// Both have elements(shape) values. `precision` is that of the actual values: its unit in the last place counts.
/// A difference that is not a number makes max_abs, rel_l2 and max_ulp NaN, so that no limit holds.
/// `element_limit` is what counts in `differing`, and the unit of the bins.
[[nodiscard]] Metrics measure(Expected expected, Actual actual, const Shape& shape, Precision precision,
                              double element_limit);

/// Decimal digits that agree: -log10 of the larger of rel_l2 and max_abs / `largest`, from 0 to 17.
[[nodiscard]] double verified_digits(const Metrics& metrics, double largest);

/// An element that is no finite number on one side or on both.
struct Infinite {
  std::size_t place = 0;
  double expected = 0;
  double actual = 0;
};

/// The first of those at `places`; none as a rule.
[[nodiscard]] std::optional<Infinite> first_infinite(const Places& places, std::span<const double> expected,
                                                     std::span<const double> actual);

/// Makes it the worst element of the result.
void show(const Infinite& infinite, const Shape& shape, SiteResult& result);

/// sqrt(sum of squares), safe against overflow of the squares of float32 data.
[[nodiscard]] double norm_l2(std::span<const double> values);
[[nodiscard]] double norm_max(std::span<const double> values);

/// The distance from |value| to the next larger number of that precision.
[[nodiscard]] double ulp(double value, Precision precision);

}  // namespace assay::golden
