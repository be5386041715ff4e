// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/observe/recorded_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <type_traits>

namespace assay::bench {
namespace {

struct Sums {
  double error = 0;
  double expected = 0;
};

constexpr std::size_t lanes = 16;
constexpr std::size_t block = 64 * lanes;

/// Squares of errors and of expected values of one block, which then has the expected values. Sums run side by side in
/// float32, which the compiler turns into vectors: a comparison is to cost little more than reading what it compares.
template <class T>
Sums compare_and_replace(std::span<T> actual, std::span<const float> expected) {
  std::array<float, lanes> errors{};
  std::array<float, lanes> sizes{};
  std::size_t i = 0;
  for (; i + lanes <= actual.size(); i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const float wanted = expected[i + lane];
      const float error = static_cast<float>(actual[i + lane]) - wanted;
      errors[lane] += error * error;
      sizes[lane] += wanted * wanted;
      actual[i + lane] = static_cast<T>(wanted);
    }
  }
  for (; i < actual.size(); ++i) {
    const float error = static_cast<float>(actual[i]) - expected[i];
    errors[0] += error * error;
    sizes[0] += expected[i] * expected[i];
    actual[i] = static_cast<T>(expected[i]);
  }
  Sums sums;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    sums.error += static_cast<double>(errors[lane]);
    sums.expected += static_cast<double>(sizes[lane]);
  }
  return sums;
}

/// The blocks summed in double. The order of the sum is that of the threads, and its rounding is of no interest here.
template <class T>
Sums compare_and_replace(std::span<T> actual, std::span<const float> expected, std::size_t threads) {
  const std::size_t blocks = (actual.size() + block - 1) / block;
  double error = 0;
  double size = 0;
#pragma omp parallel for num_threads(static_cast <int>(threads)) reduction(+ : error, size) if (blocks > 64)
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::size_t count = std::min(block, actual.size() - i * block);
    const Sums sums = compare_and_replace(actual.subspan(i * block, count), expected.subspan(i * block, count));
    error += sums.error;
    size += sums.expected;
  }
  return {error, size};
}

template <class Values>
constexpr bool holds_floats = std::is_floating_point_v<typename std::decay_t<Values>::value_type>;

}  // namespace

void RecordedValues::observe(const ProbePoint& point, const SiteValue& value) {
  Value kept{point, {}, {}};
  std::visit(
      [&](const auto& values) {
        if constexpr (holds_floats<decltype(values)>) {
          kept.floats.assign(values.begin(), values.end());
        } else {
          kept.integers.assign(values.begin(), values.end());
        }
      },
      value.values);
  values_.push_back(std::move(kept));
}

std::size_t RecordedValues::elements() const {
  std::size_t sum = 0;
  for (const Value& value : values_) sum += value.floats.size() + value.integers.size();
  return sum;
}

void InjectedComparison::restart() {
  next_ = 0;
  worst_ = 0;
}

void InjectedComparison::inject(const ProbePoint& point, const MutableSiteValue& value) {
  if (next_ == expected_.values().size() || expected_.values()[next_].point != point) {
    throw std::logic_error("a call shows other sites than the one that was recorded");
  }
  const RecordedValues::Value& expected = expected_.values()[next_++];
  std::visit(
      [&](const auto& values) {
        if constexpr (holds_floats<decltype(values)>) {
          const Sums sums = compare_and_replace(values, std::span(expected.floats), threads_);
          const double error = sums.error == 0 ? 0 : std::sqrt(sums.error / sums.expected);
          if (!(error <= worst_)) worst_ = error;
        } else {
          using Element = typename std::decay_t<decltype(values)>::value_type;
          for (std::size_t i = 0; i < values.size(); ++i) {
            if (static_cast<std::int64_t>(values[i]) != expected.integers[i]) worst_ = HUGE_VAL;
            values[i] = static_cast<Element>(expected.integers[i]);
          }
        }
      },
      value.values);
}

}  // namespace assay::bench
