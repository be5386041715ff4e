// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/observe/recorded_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace assay::bench {
namespace {

struct Sums {
  float error = 0;
  float expected = 0;
};

constexpr std::size_t block = 1024;

/// Squares of errors and of expected values of one piece, which then has the expected values. In float32, as vectors: a
/// comparison is to cost little more than reading what it compares.
template <class T>
Sums compare_and_replace(std::span<T> actual, std::span<const float> expected) {
  // That the two do not overlap is what the compiler must know to do several elements at once.
  T* __restrict const found = actual.data();
  const float* __restrict const wanted = expected.data();
  float error = 0;
  float size = 0;
#pragma omp simd reduction(+ : error, size)
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const float difference = static_cast<float>(found[i]) - wanted[i];
    error += difference * difference;
    size += wanted[i] * wanted[i];
    found[i] = static_cast<T>(wanted[i]);
  }
  return {error, size};
}

/// The relative error (Euclidean norm) of a value that comes in `count` pieces: piece(i) is where the i-th lies and
/// what was expected of it. Summed in double; the order of the sum is that of the threads, and its rounding is of no
/// interest here.
template <class Piece>
double compare_and_replace(std::size_t count, std::size_t threads, const Piece& piece) {
  double error = 0;
  double expected = 0;
#pragma omp parallel for num_threads(static_cast <int>(threads)) reduction(+ : error, expected) if (count > 64)
  for (std::size_t i = 0; i < count; ++i) {
    const auto [actual, wanted] = piece(i);
    const Sums sums = compare_and_replace(actual, wanted);
    error += sums.error;
    expected += sums.expected;
  }
  return error == 0 ? 0 : std::sqrt(error / expected);
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

const RecordedValues::Value& InjectedComparison::next(const ProbePoint& point) {
  if (next_ == expected_.values().size() || expected_.values()[next_].point != point) {
    throw std::logic_error("a call shows other sites than the one that was recorded");
  }
  return expected_.values()[next_++];
}

void InjectedComparison::keep(double error) { worst_ = std::max(worst_, std::isnan(error) ? HUGE_VAL : error); }

void InjectedComparison::inject(const ProbePoint& point, const MutableSiteValue& value) {
  const RecordedValues::Value& expected = next(point);
  std::visit(
      [&](const auto& values) {
        if constexpr (holds_floats<decltype(values)>) {
          const std::span<const float> wanted(expected.floats);
          keep(compare_and_replace((values.size() + block - 1) / block, threads_, [&](std::size_t i) {
            const std::size_t size = std::min(block, values.size() - i * block);
            return std::pair(values.subspan(i * block, size), wanted.subspan(i * block, size));
          }));
        } else {
          using Element = typename std::decay_t<decltype(values)>::value_type;
          for (std::size_t i = 0; i < values.size(); ++i) {
            if (static_cast<std::int64_t>(values[i]) != expected.integers[i]) keep(HUGE_VAL);
            values[i] = static_cast<Element>(expected.integers[i]);
          }
        }
      },
      value.values);
}

void InjectedComparison::inject_rows(const ProbePoint& point, const MutableRows& value) {
  const std::span<const float> wanted(next(point).floats);
  keep(compare_and_replace(value.rows.size(), threads_, [&](std::size_t row) {
    return std::pair(std::span(value.rows[row], value.width), wanted.subspan(row * value.width, value.width));
  }));
}

}  // namespace assay::bench
