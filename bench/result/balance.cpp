// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/result/balance.hpp"

#include <algorithm>
#include <numeric>

namespace assay::bench {

std::optional<Balance> balance_of(const std::vector<std::uint64_t>& tokens) {
  Balance balance;
  balance.tokens = std::accumulate(tokens.begin(), tokens.end(), std::uint64_t{0});
  if (balance.tokens == 0) return std::nullopt;
  const auto busiest = std::ranges::max_element(tokens);
  balance.busiest = static_cast<std::size_t>(busiest - tokens.begin());
  balance.unused = static_cast<std::size_t>(std::ranges::count(tokens, std::uint64_t{0}));
  balance.busiest_over_even =
      static_cast<double>(*busiest) * static_cast<double>(tokens.size()) / static_cast<double>(balance.tokens);
  return balance;
}

}  // namespace assay::bench
