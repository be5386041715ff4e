// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the ops are written in. A tensor stores T: float, double, or Gauged; sums and functions of its elements are
// formed in Wide<T>, which is double for the first two, and rounded to T once, at the end.
#pragma once

#include <cmath>

#include "reference/gauged.hpp"

namespace assay::reference {

template <class T>
struct Widened {
  using type = double;
};
template <>
struct Widened<Gauged> {
  using type = Gauged;
};
template <class T>
using Wide = typename Widened<T>::type;

[[nodiscard]] constexpr double widen(float x) { return static_cast<double>(x); }
[[nodiscard]] constexpr double widen(double x) { return x; }
[[nodiscard]] constexpr Gauged widen(const Gauged& x) { return x; }

/// Rounds a result to what a tensor stores.
template <class T>
[[nodiscard]] T narrow(const Wide<T>& x) {
  return static_cast<T>(x);
}
template <>
[[nodiscard]] inline Gauged narrow<Gauged>(const Gauged& x) {
  return rounded(x.value, x.gauge);
}

/// A constant in place of an x that is beyond it.
[[nodiscard]] constexpr double border(double constant, double /*x*/) { return constant; }

/// For what has no gauge: the losses.
[[nodiscard]] constexpr double value_of(float x) { return static_cast<double>(x); }
[[nodiscard]] constexpr double value_of(double x) { return x; }
[[nodiscard]] constexpr double value_of(const Gauged& x) { return x.value; }

// Beside those of Gauged, so that an op calls them by their plain names.
using std::abs;
using std::erf;
using std::exp;
using std::expm1;
using std::log1p;
using std::sqrt;
using std::tanh;

}  // namespace assay::reference
