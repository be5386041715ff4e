// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/confirmation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bench/statistics/change.hpp"

namespace assay::bench {
namespace {

/// REGRESSED, or slower by the whole interval with an effect that is not ruled out, where an equal program is not.
bool is_slower(const RowComparison& row) {
  if (row.verdict != Verdict::inconclusive) return row.verdict == Verdict::regressed;
  return row.ratio.low > 1 && !(row.control && row.control->low > 1);
}

}  // namespace

Comparison confirm(Comparison first, const Comparison& second) {
  for (RowComparison& row : first.rows) {
    if (row.verdict != Verdict::regressed) continue;
    const auto again = std::ranges::find(second.rows, row.name, &RowComparison::name);
    if (again == second.rows.end()) continue;
    if (is_slower(*again)) {
      row.reason += fmt::format("; measured again: {} ({} to {}) in {} pairs", change_text(again->ratio.median),
                                change_text(again->ratio.low), change_text(again->ratio.high), again->pairs);
    } else {
      row.verdict = Verdict::inconclusive;
      row.reason =
          fmt::format("not confirmed: {}; measured again: {}, {}", row.reason, name(again->verdict), again->reason);
    }
  }
  return first;
}

}  // namespace assay::bench
