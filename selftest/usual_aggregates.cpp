// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "selftest/usual_aggregates.hpp"

#include <cassert>
#include <cmath>
#include <cstddef>

namespace assay::selftest {
namespace {

/// Of an all-zero tensor the angle is not defined: only another all-zero one is like it.
bool similar(std::span<const double> expected, std::span<const double> actual) {
  double product = 0.0;
  double squares_expected = 0.0;
  double squares_actual = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    product += expected[i] * actual[i];
    squares_expected += expected[i] * expected[i];
    squares_actual += actual[i] * actual[i];
  }
  if (squares_expected == 0.0 || squares_actual == 0.0) return squares_expected == squares_actual;
  return product / (std::sqrt(squares_expected) * std::sqrt(squares_actual)) >= 0.99;
}

bool small_error(std::span<const double> expected, std::span<const double> actual) {
  double error = 0.0;
  double scale = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    error += (actual[i] - expected[i]) * (actual[i] - expected[i]);
    scale += expected[i] * expected[i];
  }
  return error <= 1e-6 * scale;
}

bool all_close(double tolerance, std::span<const double> expected, std::span<const double> actual) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!(std::abs(actual[i] - expected[i]) <= tolerance + tolerance * std::abs(expected[i]))) return false;
  }
  return true;
}

}  // namespace

std::string_view name(Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::cosine:
      return "cosine >= 0.99";
    case Aggregate::nmse:
      return "NMSE <= 1e-6";
    case Aggregate::allclose_1e_3:
      return "allclose 1e-3";
    case Aggregate::allclose_1e_5:
      return "allclose 1e-5";
  }
  return "?";
}

bool passes(Aggregate aggregate, std::span<const double> expected, std::span<const double> actual) {
  assert(expected.size() == actual.size() && "an aggregate compares as many elements");
  switch (aggregate) {
    case Aggregate::cosine:
      return similar(expected, actual);
    case Aggregate::nmse:
      return small_error(expected, actual);
    case Aggregate::allclose_1e_3:
      return all_close(1e-3, expected, actual);
    case Aggregate::allclose_1e_5:
      return all_close(1e-5, expected, actual);
  }
  return false;
}

}  // namespace assay::selftest
