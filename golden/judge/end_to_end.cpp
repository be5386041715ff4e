// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/end_to_end.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace assay::golden {
namespace {

/// log(sum(exp(x)))
double log_sum_exp(std::span<const double> values) {
  const double largest = *std::ranges::max_element(values);
  double sum = 0.0;
  for (const double value : values) sum += std::exp(value - largest);
  return largest + std::log(sum);
}

std::size_t argmax(std::span<const double> values) {
  return static_cast<std::size_t>(std::ranges::max_element(values) - values.begin());
}

}  // namespace

/// With d = actual - expected, KL = log(sum p e^d) - sum p d, d centred on sum p d: expm1 and log1p keep the digits
/// that the difference of two log-sums would lose, for the divergence of float32 noise is 1e-14.
double kl_divergence(std::span<const double> expected, std::span<const double> actual) {
  const double norm = log_sum_exp(expected);
  double mean = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) mean += std::exp(expected[i] - norm) * (actual[i] - expected[i]);
  double excess = 0.0;  // sum p (e^(d - mean) - 1 - (d - mean)): the linear part sums to zero
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double d = actual[i] - expected[i] - mean;
    const double above = std::abs(d) < 1e-4 ? d * d * (0.5 + d / 6.0) : std::expm1(d) - d;
    excess += std::exp(expected[i] - norm) * above;
  }
  return std::log1p(excess);
}

EndToEnd end_to_end(std::span<const double> expected, std::span<const double> actual, std::size_t width,
                    double logit_limit) {
  EndToEnd result;
  result.rows = width == 0 ? 0 : expected.size() / width;
  for (std::size_t row = 0; row < result.rows; ++row) {
    const auto ours = expected.subspan(row * width, width);
    const auto theirs = actual.subspan(row * width, width);
    const double divergence = kl_divergence(ours, theirs);
    result.kl_mean += divergence / static_cast<double>(result.rows);
    if (!(divergence <= result.kl_max)) result.kl_max = divergence;
    const std::size_t best = argmax(ours);
    const std::size_t chosen = argmax(theirs);
    if (best == chosen) {
      ++result.top1_same;
    } else if (ours[best] - ours[chosen] <= 2.0 * logit_limit) {
      ++result.top1_ties;
    } else {
      ++result.top1_wrong;
    }
  }
  return result;
}

}  // namespace assay::golden
