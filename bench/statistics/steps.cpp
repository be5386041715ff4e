// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/steps.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <optional>

#include "bench/statistics/summary.hpp"

namespace assay::bench {
namespace {

/// The split that looks best of many looks better than it is, most of all with few points on a side.
constexpr std::size_t least_side = 4;
/// What is too weak for a step in a window may be one among its neighbours, which are known later.
constexpr double weakly = 10;

using Logs = std::span<const double>;

/// Welch's t-test that two samples have one mean: the two-sided p.
double welch_p(Logs a, Logs b) {
  const double difference = mean(b) - mean(a);
  const auto variance_of_mean = [](Logs values) {
    const double deviation = standard_deviation(values);
    return deviation * deviation / static_cast<double>(values.size());
  };
  const double of_a = variance_of_mean(a);
  const double of_b = variance_of_mean(b);
  if (of_a + of_b <= 0) return difference == 0 ? 1 : 0;
  const auto freedom = [](double variance, Logs values) {
    return variance * variance / static_cast<double>(values.size() - 1);
  };
  const double degrees = (of_a + of_b) * (of_a + of_b) / (freedom(of_a, a) + freedom(of_b, b));
  const double t = std::abs(difference) / std::sqrt(of_a + of_b);
  return 2 * cdf(complement(boost::math::students_t(degrees), t));
}

/// Where the two parts of `values` are farthest apart, by the energy distance between them (Matteson and James, A
/// Nonparametric Approach for Multiple Change Point Analysis, 2014); none where they are too few.
std::optional<std::size_t> best_split(Logs values) {
  const std::size_t count = values.size();
  if (count < 2 * least_side) return std::nullopt;
  const auto distances = [&](std::size_t at, std::size_t first, std::size_t last) {
    double sum = 0;
    for (std::size_t i = first; i < last; ++i) sum += std::abs(values[at] - values[i]);
    return sum;
  };
  double left = 0;  // sums of distances of pairs
  double right = 0;
  double between = 0;
  for (std::size_t i = 0; i < count; ++i) right += distances(i, i + 1, count);
  std::optional<std::size_t> best;
  double largest = 0;
  for (std::size_t split = 1; split + least_side <= count; ++split) {
    const double to_left = distances(split - 1, 0, split - 1);  // one value goes over
    const double to_right = distances(split - 1, split, count);
    left += to_left;
    right -= to_right;
    between += to_right - to_left;
    if (split < least_side) continue;
    const auto a = static_cast<double>(split);
    const auto b = static_cast<double>(count - split);
    const double energy = 2 * between / (a * b) - left / (a * (a - 1) / 2) - right / (b * (b - 1) / 2);
    const double weighted = energy * a * b / (a + b);
    if (weighted > largest) {
      largest = weighted;
      best = split;
    }
  }
  return best;
}

/// Splits what is worth it, and the parts again.
void split_up(Logs values, std::size_t offset, double p, std::vector<std::size_t>& places) {
  const std::optional<std::size_t> split = best_split(values);
  if (!split || welch_p(values.first(*split), values.subspan(*split)) > p) return;
  split_up(values.first(*split), offset, p, places);
  places.push_back(offset + *split);
  split_up(values.subspan(*split), offset + *split, p, places);
}

std::vector<std::size_t> candidates(Logs logs, const StepOptions& options) {
  std::vector<std::size_t> places;
  const std::size_t window = std::max(options.window, 2 * least_side);
  for (std::size_t first = 0; first < logs.size(); first += window / 2) {  // windows overlap: none lies on a border
    split_up(logs.subspan(first, std::min(window, logs.size() - first)), first, weakly * options.p, places);
  }
  std::ranges::sort(places);
  const auto [again, end] = std::ranges::unique(places);
  places.erase(again, end);
  return places;
}

/// The steps at `places`, each between the levels on its two sides, which end at its neighbours.
std::vector<Step> steps_at(Logs logs, const std::vector<std::size_t>& places) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::size_t first = i == 0 ? 0 : places[i - 1];
    const std::size_t last = i + 1 == places.size() ? logs.size() : places[i + 1];
    const Logs before = logs.subspan(first, places[i] - first);
    const Logs after = logs.subspan(places[i], last - places[i]);
    const bool is_short = before.size() < least_side || after.size() < least_side;
    steps.push_back({places[i], std::exp(mean(after) - mean(before)), is_short ? 1 : welch_p(before, after)});
  }
  return steps;
}

double size_of(const Step& step) { return std::abs(std::log(step.ratio)); }

/// The weakest step that is none; none where all are steps.
std::optional<std::size_t> weakest(const std::vector<Step>& steps, const StepOptions& options) {
  if (steps.empty()) return std::nullopt;
  const auto least_likely = std::ranges::max_element(steps, {}, &Step::p);
  if (least_likely->p > options.p) return static_cast<std::size_t>(least_likely - steps.begin());
  const auto smallest = std::ranges::min_element(steps, {}, size_of);
  if (size_of(*smallest) < std::log1p(options.magnitude)) return static_cast<std::size_t>(smallest - steps.begin());
  return std::nullopt;
}

}  // namespace

std::vector<Step> find_steps(std::span<const double> series, const StepOptions& options) {
  std::vector<double> logs;
  for (const double value : series) logs.push_back(std::log(value));
  std::vector<std::size_t> places = candidates(logs, options);
  for (;;) {
    std::vector<Step> steps = steps_at(logs, places);
    const std::optional<std::size_t> out = weakest(steps, options);
    if (!out) return steps;
    places.erase(places.begin() + static_cast<std::ptrdiff_t>(*out));
  }
}

}  // namespace assay::bench
