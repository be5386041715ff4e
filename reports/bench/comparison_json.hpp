// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Comparisons and histories for scripts: the schemas assay.comparison/1 and assay.history/1.
#pragma once

#include <string>

#include "bench/statistics/comparison.hpp"
#include "bench/statistics/history.hpp"

namespace assay::reports {

/// An object with "schema", "verdict", "base", "new", "warnings" and "rows", which have the members of RowComparison by
/// name. null stands for what a row has not: the control, instructions, and all figures where it was not measured.
/// Doubles read back as they were.
[[nodiscard]] std::string comparison_json(const bench::Comparison& comparison);

/// An object with "schema", "folder", "warnings" and "groups", each with "machine", "settings" and "rows" of "points"
/// and "steps"; "place" counts the points from 0.
[[nodiscard]] std::string history_json(const bench::History& history);

}  // namespace assay::reports
