// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The rates of a self-test as a table for the terminal, as Markdown and as JSON.
#pragma once

#include <string>

#include "bench/statistics/rates.hpp"
#include "reports/console.hpp"

namespace assay::reports {

/// At most 80 columns, but for names of rows.
[[nodiscard]] std::string rates_console(const bench::Rates& rates, Style style);

[[nodiscard]] std::string rates_markdown(const bench::Rates& rates);

/// What was read, with interval and verdict ("holds", "misses" or "told", of a rate without bounds).
[[nodiscard]] std::string rates_json(const bench::Rates& rates);

}  // namespace assay::reports
