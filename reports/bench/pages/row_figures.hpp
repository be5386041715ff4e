// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Figures of a row, measured or counted.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bench/result/result.hpp"
#include "bench/result/roofline.hpp"

namespace assay::reports {

[[nodiscard]] std::optional<double> counter(const bench::Row& row, const std::string& name);

/// A counter with the unit that its name says: "time_to_first_token" and "latency_..." are seconds.
[[nodiscard]] std::string counter_text(std::string_view name, double value);

/// Of one call; none for a row without samples.
[[nodiscard]] std::optional<double> median_seconds(const bench::Row& row);

/// FLOP, bytes and the median time of a call; without what the row does not say.
[[nodiscard]] bench::Work work_of(const bench::Row& row);

/// Counted by the row, or its FLOP over the median time.
[[nodiscard]] std::optional<double> flop_rate(const bench::Row& row);
[[nodiscard]] std::optional<double> byte_rate(const bench::Row& row);

/// bench::share_of_roof, or what the row itself says it is.
[[nodiscard]] std::optional<double> share_of_row(const bench::Row& row, const bench::Roofs& roofs);

}  // namespace assay::reports
