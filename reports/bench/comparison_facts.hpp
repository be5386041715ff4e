// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a comparison says, as text, for whichever report shows it. Text that came from files has no control characters.
#pragma once

#include <string>
#include <vector>

#include "bench/statistics/comparison.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

/// "12 rows: 1 REGRESSED, 11 SAME", the verdicts that call for action first.
[[nodiscard]] std::string tally(const bench::Comparison& comparison);

/// Where a result comes from: "base.json, 2026-03-01T12:30:00Z, assay 0.1.0, commit 72b2bf5", as far as it says so.
[[nodiscard]] std::string side_text(const bench::Side& side);

/// Whether samples were taken in turns, and how many.
[[nodiscard]] std::string sampling_text(const bench::Comparison& comparison);

/// Whether a row has times: it is not INVALID, nor of the same code and therefore not measured.
[[nodiscard]] bool has_figures(const bench::RowComparison& row);

/// Whether the reason of a row must be told: it is not plainly the same.
[[nodiscard]] bool is_notable(const bench::RowComparison& row);

/// The reason of its verdict; of a row that does not count, also that.
[[nodiscard]] std::string reason_text(const bench::RowComparison& row);

/// "+4.5% to +5.7%"; "" where one sample leaves no interval.
[[nodiscard]] std::string interval_text(const bench::RowComparison& row);

/// A row a benchmark, with all its figures.
[[nodiscard]] Table comparison_table(const bench::Comparison& comparison);

}  // namespace assay::reports
