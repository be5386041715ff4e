// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How evenly the tokens of a layer went to its experts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace assay::bench {

struct Balance {
  std::uint64_t tokens = 0;  ///< choices: a token counts for each of its experts
  std::size_t busiest = 0;   ///< the expert with most tokens, the first of equals
  std::size_t unused = 0;    ///< experts without any token
  /// The tokens of the busiest expert over those that each had if all had the same: 1 is even, the number of experts is
  /// as uneven as can be.
  double busiest_over_even = 1;
};

/// None where no token was counted.
[[nodiscard]] std::optional<Balance> balance_of(const std::vector<std::uint64_t>& tokens);

}  // namespace assay::bench
