// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How often a comparison is right, as the self-test of script/regress has counted it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/statistics/interval.hpp"

namespace assay::bench {

inline constexpr std::string_view rates_schema = "assay.rates/1";

struct Rate {
  std::string name;
  std::size_t hits = 0;
  std::size_t trials = 1;
  std::optional<std::size_t> at_least;  ///< so many hits are right
  std::optional<std::size_t> at_most;
  std::vector<std::string> missed;  ///< the rows of the trials that went wrong
};

struct Rates {
  std::vector<std::string> facts;  ///< sentences: what was compared, and what one trial is
  std::vector<Rate> rates;
};

/// Whether the hits are within the bounds; without bounds they are for information.
[[nodiscard]] bool holds(const Rate& rate);
[[nodiscard]] bool all_hold(const Rates& rates);

/// Clopper and Pearson's, of what the hits come from, with 95 % confidence.
[[nodiscard]] Interval interval_of(const Rate& rate);

/// Reads the schema assay.rates/1. `origin` names the file in messages. Throws Error: no JSON, another schema, no
/// rates, no trials, more hits than trials.
[[nodiscard]] Rates parse_rates(std::string_view text, const std::string& origin);

}  // namespace assay::bench
