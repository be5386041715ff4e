// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The sections of the page of one result. Each is "" where the result has nothing for it.
#pragma once

#include <string>

#include "bench/result/result.hpp"

namespace assay::reports {

/// A table of the rows, those that are INVALID first and visibly so; a row opens to its samples.
[[nodiscard]] std::string rows_section(const bench::Result& result);

/// Time by group and by layer, and the table of the groups.
[[nodiscard]] std::string time_section(const bench::Result& result);

/// Rows and groups of which FLOP and bytes are known, under the roofs.
[[nodiscard]] std::string roofline_section(const bench::Result& result);

/// Every row of the ledger.
[[nodiscard]] std::string ledger_section(const bench::Result& result);

/// Peak, end and what is explained by phase; bytes by kind.
[[nodiscard]] std::string memory_section(const bench::Result& result);

/// Tokens by layer and expert, and how even they are.
[[nodiscard]] std::string experts_section(const bench::Result& result);

}  // namespace assay::reports
