// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/proportion.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <cassert>

namespace assay::bench {

Interval proportion_interval(std::size_t hits, std::size_t trials, double confidence) {
  assert(trials > 0 && hits <= trials);
  using boost::math::binomial;
  const double tail = (1 - confidence) / 2;
  const auto n = static_cast<double>(trials);
  const auto k = static_cast<double>(hits);
  return {binomial::find_lower_bound_on_p(n, k, tail), binomial::find_upper_bound_on_p(n, k, tail)};
}

}  // namespace assay::bench
