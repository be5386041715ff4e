// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A comparison for a terminal.
#pragma once

#include <string>

#include "bench/statistics/comparison.hpp"
#include "reports/console.hpp"

namespace assay::reports {

/// What was compared, a line a row with the reason below it where it is not plainly the same, and the verdict. At most
/// 80 columns, but for long words.
[[nodiscard]] std::string comparison_console(const bench::Comparison& comparison, Style style);

}  // namespace assay::reports
