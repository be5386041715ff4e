// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Quantities of benchmarks as people read them: three digits and a unit. What is no finite number is "?".
#pragma once

#include <string>
#include <string_view>

#include "bench/statistics/change.hpp"

namespace assay::reports {

/// "812 ns", "12.3 us", "4.56 ms", "1.23 s", "123 s"
[[nodiscard]] std::string duration_text(double seconds);

/// With a prefix of the thousands: "199 GFLOP/s", "33.4 GB/s", "12 kB", "0 B"; without a unit "805 M", "17".
[[nodiscard]] std::string scaled_text(double amount, std::string_view unit);

/// "207", "16.3", "1.24", "0.0123", "1.2e+07"
[[nodiscard]] std::string number_text(double number);

/// "34%", "3.4%", "0.03%", "340%"
[[nodiscard]] std::string percent_text(double share);

using bench::change_text;

/// "0.034", "<0.0001"
[[nodiscard]] std::string probability_text(double p);

}  // namespace assay::reports
