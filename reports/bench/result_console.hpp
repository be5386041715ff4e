// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A benchmark's result for a terminal.
#pragma once

#include <string>

#include "bench/result/result.hpp"
#include "reports/console.hpp"

namespace assay::reports {

/// At most 80 columns, but for long names. The ledger follows where there is one.
[[nodiscard]] std::string result_table(const bench::Result& result, Style style);

}  // namespace assay::reports
