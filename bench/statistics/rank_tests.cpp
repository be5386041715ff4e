// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/rank_tests.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>

namespace assay::bench {
namespace {

constexpr std::size_t most_counted = 25;

struct Ranks {
  std::vector<double> ranks;  ///< from 1; ties have the mean of theirs
  double ties = 0;            ///< sum of t^3 - t over the groups of equal values
};

Ranks ranks_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::size_t at) { return values[at]; });
  Ranks result;
  result.ranks.resize(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first + 1;
    while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
    const auto size = static_cast<double>(last - first);
    const double rank = static_cast<double>(first + last + 1) / 2;
    for (std::size_t i = first; i < last; ++i) result.ranks[order[i]] = rank;
    result.ties += size * size * size - size;
    first = last;
  }
  return result;
}

/// counts[k][s]: in how many ways k of the numbers 1 to n sum to s. They are whole, and far below 2^53.
std::vector<std::vector<double>> subset_counts(std::size_t n) {
  const std::size_t sums = n * (n + 1) / 2 + 1;
  std::vector counts(n + 1, std::vector<double>(sums));
  counts[0][0] = 1;
  for (std::size_t number = 1; number <= n; ++number) {
    for (std::size_t k = number; k >= 1; --k) {
      for (std::size_t sum = sums - 1; sum >= number; --sum) counts[k][sum] += counts[k - 1][sum - number];
    }
  }
  return counts;
}

/// Twice the smaller tail of a distribution of whole numbers, at most 1.
double two_sided(const std::vector<double>& counts, std::size_t value) {
  const double all = std::accumulate(counts.begin(), counts.end(), 0.0);
  const auto at = counts.begin() + static_cast<std::ptrdiff_t>(value);
  const double low = std::accumulate(counts.begin(), at + 1, 0.0);
  const double high = std::accumulate(at, counts.end(), 0.0);
  return std::min(1.0, 2 * std::min(low, high) / all);
}

double normal_p(double value, double expected, double variance) {
  if (variance <= 0) return 1;
  const double distance = std::max(0.0, std::abs(value - expected) - 0.5);
  return std::min(1.0, 2 * cdf(complement(boost::math::normal(), distance / std::sqrt(variance))));
}

}  // namespace

double wilcoxon_p(std::span<const double> differences) {
  std::vector<double> sizes;
  std::vector<bool> is_positive;
  for (const double difference : differences) {
    if (difference == 0) continue;
    sizes.push_back(std::abs(difference));
    is_positive.push_back(difference > 0);
  }
  if (sizes.empty()) return 1;
  const Ranks ranks = ranks_of(sizes);
  double positive = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (is_positive[i]) positive += ranks.ranks[i];
  }
  if (sizes.size() <= most_counted && ranks.ties == 0) {
    std::vector<double> counts;
    for (const std::vector<double>& of_size : subset_counts(sizes.size())) {
      counts.resize(of_size.size());
      std::ranges::transform(counts, of_size, counts.begin(), std::plus());
    }
    return two_sided(counts, static_cast<std::size_t>(positive));
  }
  const auto n = static_cast<double>(sizes.size());
  return normal_p(positive, n * (n + 1) / 4, n * (n + 1) * (2 * n + 1) / 24 - ranks.ties / 48);
}

double mann_whitney_p(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return 1;
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  const Ranks ranks = ranks_of(all);
  const double sum =
      std::accumulate(ranks.ranks.begin(), ranks.ranks.begin() + static_cast<std::ptrdiff_t>(a.size()), 0.0);
  if (all.size() <= most_counted && ranks.ties == 0) {
    return two_sided(subset_counts(all.size())[a.size()], static_cast<std::size_t>(sum));
  }
  const auto n = static_cast<double>(a.size());
  const auto m = static_cast<double>(b.size());
  const double total = n + m;
  return normal_p(sum, n * (total + 1) / 2, n * m / 12 * (total + 1 - ranks.ties / (total * (total - 1))));
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {}, [&](std::size_t at) { return p[at]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, static_cast<double>(order.size() - i) * p[order[i]]);
    adjusted[order[i]] = std::min(1.0, largest);
  }
  return adjusted;
}

}  // namespace assay::bench
