// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A history for a terminal.
#pragma once

#include <string>

#include "bench/statistics/history.hpp"
#include "reports/console.hpp"

namespace assay::reports {

/// A table for each machine and settings: a line a row, from the oldest to the newest result, and below it a line a
/// step. At most 80 columns, but for long words.
[[nodiscard]] std::string history_console(const bench::History& history, Style style);

}  // namespace assay::reports
