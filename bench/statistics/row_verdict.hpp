// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The verdict of a row, once its figures are there.
#pragma once

#include "bench/statistics/compare.hpp"
#include "bench/statistics/comparison.hpp"

namespace assay::bench {

/// The smallest effect that counts: the rule's least, three times what the control is off by, or half of how wide its
/// interval is, whichever is largest.
[[nodiscard]] double floor_of(const RowComparison& row, const Rule& rule);

/// Whether there are samples enough for the row to count as tested.
[[nodiscard]] bool is_tested(const RowComparison& row, const Rule& rule);

/// Fills in verdict and reason of a row that is neither invalid nor of the same code; all its figures are there,
/// `tests` is the number of rows that Holm corrected for.
void judge(RowComparison& row, const Rule& rule, std::size_t tests);

}  // namespace assay::bench
