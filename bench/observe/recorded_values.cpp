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

/// Squares of errors and of expected values. Blocks are summed in float32 side by side, which the compiler turns into vectors,
/// and the blocks in double: a comparison is to cost little more than reading what it compares.
template <class T>
Sums squares(std::span<const T> actual, std::span<const float> expected) {
  constexpr std::size_t lanes = 16;
  constexpr std::size_t block = 64 * lanes;
  Sums sums;
  for (std::size_t first = 0; first < expected.size(); first += block) {
    const std::size_t last = std::min(first + block, expected.size());
    std::array<float, lanes> errors{};
    std::array<float, lanes> sizes{};
    std::size_t i = first;
    for (; i + lanes <= last; i += lanes) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const float wanted = expected[i + lane];
        const float error = static_cast<float>(actual[i + lane]) - wanted;
        errors[lane] += error * error;
        sizes[lane] += wanted * wanted;
      }
    }
    for (; i < last; ++i) {
      const float error = static_cast<float>(actual[i]) - expected[i];
      errors[0] += error * error;
      sizes[0] += expected[i] * expected[i];
    }
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      sums.error += static_cast<double>(errors[lane]);
      sums.expected += static_cast<double>(sizes[lane]);
    }
  }
  return sums;
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

void InjectedComparison::observe(const ProbePoint& point, const SiteValue& value) {
  if (next_ == expected_.values().size() || expected_.values()[next_].point != point) {
    throw std::logic_error("a call shows other sites than the one that was recorded");
  }
  const RecordedValues::Value& expected = expected_.values()[next_];
  std::visit(
      [&](const auto& values) {
        if constexpr (holds_floats<decltype(values)>) {
          const Sums sums = squares(std::span(values), std::span(expected.floats));
          const double error = sums.error == 0 ? 0 : std::sqrt(sums.error / sums.expected);
          if (!(error <= worst_)) worst_ = error;
        } else if (!std::ranges::equal(values, expected.integers)) {
          worst_ = HUGE_VAL;
        }
      },
      value.values);
}

void InjectedComparison::inject(const ProbePoint&, const MutableSiteValue& value) {
  const RecordedValues::Value& expected = expected_.values()[next_++];
  std::visit(
      [&](const auto& values) {
        using Element = typename std::decay_t<decltype(values)>::value_type;
        if constexpr (holds_floats<decltype(values)>) {
          std::ranges::transform(expected.floats, values.begin(), [](float number) { return static_cast<Element>(number); });
        } else {
          std::ranges::transform(expected.integers, values.begin(),
                                 [](std::int64_t number) { return static_cast<Element>(number); });
        }
      },
      value.values);
}

}  // namespace assay::bench
