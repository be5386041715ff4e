// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A number that knows what rounding may have done to it. A float32 engine has u = 2^-24 of relative error in each
// operation; to first order its result is off by u times the gauge that the same operations on Gauged numbers give,
// times a small factor for the length of sums (docs/numerics.md, "Element by element").
#pragma once

#include <cmath>
#include <compare>
#include <span>
#include <vector>

namespace assay::reference {

/// The rules, g the gauge of a value: an exact number has 0; a +- b has g_a + g_b; a * b has |a| g_b + |b| g_a; a / b
/// has (g_a + |a / b| g_b) / |b|; f(a) has |f'(a)| g_a, and |f(a)| for the rounding of f itself. The result of an
/// operation is rounded, whatever it came from: its gauge is no less than its size. So a sum of w * x over rounded x
/// has sum |w| |x|. Comparisons are those of the values.
struct Gauged {
  double value = 0;
  double gauge = 0;

  constexpr Gauged() = default;
  /// Exact: a weight, a constant.
  constexpr Gauged(double exact) : value(exact) {}  // NOLINT(google-explicit-constructor): as a float becomes a double
  constexpr Gauged(double number, double its_gauge) : value(number), gauge(its_gauge) {}

  Gauged& operator+=(const Gauged& other);
  Gauged& operator/=(const Gauged& other);
};

/// The result of an operation whose operands leave it this gauge.
[[nodiscard]] inline Gauged rounded(double value, double gauge) {
  const double own = std::abs(value);
  return {value, gauge < own ? own : gauge};
}

[[nodiscard]] inline bool operator==(const Gauged& a, const Gauged& b) { return a.value == b.value; }
[[nodiscard]] inline std::partial_ordering operator<=>(const Gauged& a, const Gauged& b) { return a.value <=> b.value; }

[[nodiscard]] inline Gauged operator-(const Gauged& a) { return {-a.value, a.gauge}; }

[[nodiscard]] inline Gauged operator+(const Gauged& a, const Gauged& b) {
  return rounded(a.value + b.value, a.gauge + b.gauge);
}

[[nodiscard]] inline Gauged operator-(const Gauged& a, const Gauged& b) {
  return rounded(a.value - b.value, a.gauge + b.gauge);
}

[[nodiscard]] inline Gauged operator*(const Gauged& a, const Gauged& b) {
  return rounded(a.value * b.value, std::abs(a.value) * b.gauge + std::abs(b.value) * a.gauge);
}

[[nodiscard]] inline Gauged operator/(const Gauged& a, const Gauged& b) {
  const double quotient = a.value / b.value;
  // An infinite divisor, exp(-x) of a very negative x, leaves nothing of the dividend, rounded or not.
  if (std::isinf(b.value)) return rounded(quotient, 0.0);
  return rounded(quotient, (a.gauge + std::abs(quotient) * b.gauge) / std::abs(b.value));
}

inline Gauged& Gauged::operator+=(const Gauged& other) { return *this = *this + other; }
inline Gauged& Gauged::operator/=(const Gauged& other) { return *this = *this / other; }

/// f(a), given the slope of f there.
[[nodiscard]] inline Gauged of_function(const Gauged& a, double value, double slope) {
  return {value, std::abs(slope) * a.gauge + std::abs(value)};
}

[[nodiscard]] inline Gauged abs(const Gauged& a) { return {std::abs(a.value), a.gauge}; }

[[nodiscard]] inline Gauged exp(const Gauged& a) {
  const double value = std::exp(a.value);
  return of_function(a, value, value);
}

[[nodiscard]] inline Gauged expm1(const Gauged& a) { return of_function(a, std::expm1(a.value), std::exp(a.value)); }

[[nodiscard]] inline Gauged log1p(const Gauged& a) {
  return of_function(a, std::log1p(a.value), 1.0 / (1.0 + a.value));
}

[[nodiscard]] inline Gauged sqrt(const Gauged& a) {
  const double value = std::sqrt(a.value);
  return of_function(a, value, value == 0.0 ? 0.0 : 0.5 / value);
}

[[nodiscard]] inline Gauged tanh(const Gauged& a) {
  const double value = std::tanh(a.value);
  return of_function(a, value, 1.0 - value * value);
}

[[nodiscard]] inline Gauged erf(const Gauged& a) {
  constexpr double slope_at_zero = 1.1283791670955126;  // 2 / sqrt(pi)
  return of_function(a, std::erf(a.value), slope_at_zero * std::exp(-a.value * a.value));
}

/// A constant in place of an x that is beyond it: exact, unless rounding may bring x back.
[[nodiscard]] inline Gauged border(double constant, const Gauged& x) {
  constexpr double most = 16 * 0x1p-24;  // what the judge allows of a gauge
  return {constant, std::abs(x.value - constant) <= most * x.gauge ? x.gauge : 0.0};
}

[[nodiscard]] std::vector<double> values_of(std::span<const Gauged> numbers);

}  // namespace assay::reference
