// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/bootstrap.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <functional>
#include <random>

#include "bench/statistics/summary.hpp"

namespace assay::bench {
namespace {

/// The sequence of mt19937 is laid down by the C++ standard, those of its distributions are not.
class Draws {
 public:
  /// 0 to count - 1
  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>((static_cast<std::uint64_t>(engine_()) * count) >> 32U);
  }

 private:
  std::mt19937 engine_{20260301U};
};

double median_of_all(const Launches& launches) {
  std::vector<double> values;
  for (const std::vector<double>& launch : launches) values.insert(values.end(), launch.begin(), launch.end());
  return median(std::move(values));
}

double drawn_median(const Launches& launches, Draws& draws, std::vector<double>& scratch) {
  scratch.clear();
  for (std::size_t i = 0; i < launches.size(); ++i) {
    const std::vector<double>& launch = launches[draws.below(launches.size())];
    for (std::size_t j = 0; j < launch.size(); ++j) scratch.push_back(launch[draws.below(launch.size())]);
  }
  return median(scratch);
}

/// The median of all launches but one, for each; empty for fewer than two.
std::vector<double> jackknife(const Launches& launches) {
  std::vector<double> medians;
  for (std::size_t left_out = 0; launches.size() > 1 && left_out < launches.size(); ++left_out) {
    Launches rest = launches;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left_out));
    medians.push_back(median_of_all(rest));
  }
  return medians;
}

/// Adds what one arm has to the skewness of the statistic: sums of the cubes and squares of its influences.
void add_influences(const std::vector<double>& medians, double& cubes, double& squares) {
  if (medians.empty()) return;
  const double middle = mean(medians);
  const auto count = static_cast<double>(medians.size());
  for (const double value : medians) {
    const double influence = (middle - value) * (count - 1) / count;
    squares += influence * influence;
    cubes += influence * influence * influence;
  }
}

/// Efron's BCa: which percentiles of the resampled statistics are the bounds.
Interval corrected_shares(const std::vector<double>& sorted, double statistic, double acceleration, double tail) {
  const boost::math::normal normal;
  const auto [first, last] = std::ranges::equal_range(sorted, statistic);
  // Medians have few values: those equal to it count by half.
  const double below = (static_cast<double>(first - sorted.begin()) + static_cast<double>(last - sorted.begin())) / 2 /
                       static_cast<double>(sorted.size());
  if (below <= 0 || below >= 1) return {tail, 1 - tail};
  const double bias = quantile(normal, below);
  const auto corrected = [&](double share) {
    const double z = bias + quantile(normal, share);
    return cdf(normal, bias + z / (1 - acceleration * z));
  };
  return {corrected(tail), corrected(1 - tail)};
}

struct Statistic {
  double value = 0;
  std::function<double(Draws&)> draw;
  double acceleration = 0;
  std::size_t launches = 0;  ///< of the arm that has fewer
};

Interval interval_of(const Statistic& statistic, const BootstrapOptions& options) {
  Draws draws;
  std::vector<double> resampled(options.resamples);
  for (double& value : resampled) value = statistic.draw(draws);
  std::ranges::sort(resampled);
  const double tail = (1 - options.confidence) / 2;
  const Interval shares = statistic.launches < options.corrected_below
                              ? corrected_shares(resampled, statistic.value, statistic.acceleration, tail)
                              : Interval{tail, 1 - tail};
  return {bench::quantile(resampled, shares.low), bench::quantile(resampled, shares.high)};
}

double acceleration_of(double cubes, double squares) { return squares > 0 ? cubes / (6 * std::pow(squares, 1.5)) : 0; }

}  // namespace

Launches in_launches(std::span<const double> values, std::size_t launch_size) {
  assert(launch_size > 0);
  if (launch_size >= values.size()) launch_size = 1;
  Launches launches;
  for (std::size_t first = 0; first < values.size(); first += launch_size) {
    const auto launch = values.subspan(first, std::min(launch_size, values.size() - first));
    launches.emplace_back(launch.begin(), launch.end());
  }
  return launches;
}

Interval median_interval(const Launches& values, const BootstrapOptions& options) {
  assert(!values.empty());
  double cubes = 0;
  double squares = 0;
  add_influences(jackknife(values), cubes, squares);
  std::vector<double> scratch;
  return interval_of({median_of_all(values), [&](Draws& draws) { return drawn_median(values, draws, scratch); },
                      acceleration_of(cubes, squares), values.size()},
                     options);
}

Interval median_difference_interval(const Launches& base, const Launches& fresh, const BootstrapOptions& options) {
  assert(!base.empty() && !fresh.empty());
  double cubes = 0;
  double squares = 0;
  add_influences(jackknife(fresh), cubes, squares);
  double base_cubes = 0;
  add_influences(jackknife(base), base_cubes, squares);
  cubes -= base_cubes;  // more of the base is less of the difference
  std::vector<double> scratch;
  const auto draw = [&](Draws& draws) {
    const double fresh_median = drawn_median(fresh, draws, scratch);
    return fresh_median - drawn_median(base, draws, scratch);
  };
  return interval_of({median_of_all(fresh) - median_of_all(base), draw, acceleration_of(cubes, squares),
                      std::min(base.size(), fresh.size())},
                     options);
}

}  // namespace assay::bench
