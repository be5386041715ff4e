// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/confirmation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bench/statistics/change.hpp"

namespace assay::bench {

Comparison confirm(Comparison first, const Comparison& second) {
  for (RowComparison& row : first.rows) {
    if (row.verdict != Verdict::regressed) continue;
    const auto again = std::ranges::find(second.rows, row.name, &RowComparison::name);
    if (again == second.rows.end()) continue;
    if (again->verdict == Verdict::regressed) {
      row.reason += fmt::format("; measured again: {} in {} pairs", change_text(again->ratio.median), again->pairs);
    } else {
      row.verdict = Verdict::inconclusive;
      row.reason =
          fmt::format("not confirmed: {}; measured again: {}, {}", row.reason, name(again->verdict), again->reason);
    }
  }
  return first;
}

}  // namespace assay::bench
