// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/metrics.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>

namespace assay::golden {
namespace {

/// Every element of every site passes here: the exponent is read where it stands. That of infinities and NaN is the
/// largest.
std::size_t error_bin(double in_limits) {
  const auto exponent = static_cast<int>((std::bit_cast<std::uint64_t>(in_limits) >> 52U) & 0x7FFU) - 1023;
  const int bin = (exponent >> 1) + static_cast<int>(limit_bin);
  return static_cast<std::size_t>(std::clamp(bin, 0, static_cast<int>(ErrorBins{}.size()) - 1));
}

}  // namespace

double norm_l2(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

double norm_max(std::span<const double> values) {
  double largest = 0.0;
  for (const double value : values) {
    if (std::isnan(value)) return value;
    largest = std::max(largest, std::abs(value));
  }
  return largest;
}

double ulp(double value, Precision precision) {
  if (precision == Precision::bf16) {
    // Eight bits: 2^-7 of the power of two below; as float32 where that is zero.
    const double magnitude = std::abs(value);
    if (magnitude >= 0x1p-126 && std::isfinite(magnitude)) return std::ldexp(1.0, std::ilogb(magnitude) - 7);
  }
  if (precision == Precision::f64) {
    const double magnitude = std::abs(value);
    return std::nextafter(magnitude, std::numeric_limits<double>::infinity()) - magnitude;
  }
  const float magnitude = static_cast<float>(std::abs(value));
  return static_cast<double>(std::nextafter(magnitude, std::numeric_limits<float>::infinity()) - magnitude);
}

double verified_digits(const Metrics& metrics, double largest) {
  constexpr double most = 17.0;
  if (metrics.elements == 0) return 0.0;
  const double relative = metrics.max_abs == 0.0 ? 0.0 : std::max(metrics.rel_l2, metrics.max_abs / largest);
  if (!(relative < 1.0)) return 0.0;
  return relative == 0.0 ? most : std::min(most, -std::log10(relative));
}

Metrics measure(Expected expected, Actual actual, const Shape& shape, Precision precision, double element_limit) {
  assert(expected.values.size() == elements(shape) && actual.values.size() == elements(shape));
  Metrics metrics;
  metrics.elements = expected.values.size();
  if (metrics.elements == 0) return metrics;

  double error_squares = 0.0;
  double expected_squares = 0.0;
  double actual_squares = 0.0;
  double products = 0.0;
  std::size_t worst = 0;
  for (std::size_t i = 0; i < metrics.elements; ++i) {
    const double e = expected.values[i];
    const double a = actual.values[i];
    const double error = std::abs(a - e);
    error_squares += error * error;
    expected_squares += e * e;
    actual_squares += a * a;
    products += e * a;
    if (!(error <= element_limit)) ++metrics.differing;
    if (error == 0.0) {
      ++metrics.equal;
    } else {
      ++metrics.error_bins[error_bin(error / element_limit)];
    }
    // Written so that a NaN is the worst of all, and the first one stays.
    if (!std::isnan(metrics.max_abs) && !(error <= metrics.max_abs)) {
      metrics.max_abs = error;
      worst = i;
    }
    const double in_ulps = error == 0.0 ? 0.0 : error / ulp(e, precision);
    if (!std::isnan(metrics.max_ulp) && !(in_ulps <= metrics.max_ulp)) metrics.max_ulp = in_ulps;
  }
  metrics.worst_index = unravel(worst, shape);
  metrics.expected = expected.values[worst];
  metrics.actual = actual.values[worst];
  metrics.expected_l2 = std::sqrt(expected_squares);
  metrics.rel_l2 = error_squares == 0.0 ? 0.0 : std::sqrt(error_squares / expected_squares);
  const double lengths = std::sqrt(expected_squares) * std::sqrt(actual_squares);
  metrics.cosine = lengths == 0.0 ? (error_squares == 0.0 ? 1.0 : 0.0) : products / lengths;
  return metrics;
}

std::optional<Infinite> first_infinite(const Places& places, std::span<const double> expected,
                                       std::span<const double> actual) {
  const std::size_t count = places ? places->size() : expected.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = places ? (*places)[i] : i;
    if (!std::isfinite(expected[at]) || !std::isfinite(actual[at])) return Infinite{at, expected[at], actual[at]};
  }
  return std::nullopt;
}

void show(const Infinite& infinite, const Shape& shape, SiteResult& result) {
  result.metrics.worst_index = unravel(infinite.place, shape);
  result.metrics.expected = infinite.expected;
  result.metrics.actual = infinite.actual;
  result.metrics.max_abs = std::abs(infinite.actual - infinite.expected);
  if (!std::isfinite(infinite.expected)) result.note = "the expected value is no finite number: nothing equals it";
}

}  // namespace assay::golden
