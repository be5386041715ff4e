// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What benchmarks found as pages for a browser: each is one file that fetches nothing. Whatever came from files is
// escaped. `program` is what is known of the program, a line each. Charts need a program that was built with them.
#pragma once

#include <string>
#include <string_view>

#include "bench/result/result.hpp"
#include "bench/statistics/comparison.hpp"
#include "bench/statistics/history.hpp"
#include "reports/html/document.hpp"  // can_draw_charts

namespace assay::reports {

/// One result: its rows, where the time goes by layer and group, the roofline, memory over the phases, tokens by
/// expert, machine and settings. What the result does not have is named at the end.
[[nodiscard]] std::string result_page(const bench::Result& result, std::string_view program);

/// The verdicts, the ratios with their intervals, and what was compared. `base` and `fresh` hold the samples of the
/// rows.
[[nodiscard]] std::string comparison_page(const bench::Comparison& comparison, const bench::Result& base,
                                          const bench::Result& fresh, std::string_view program);

/// A small chart for each row of each machine and settings, with its steps.
[[nodiscard]] std::string history_page(const bench::History& history, std::string_view program);

}  // namespace assay::reports
