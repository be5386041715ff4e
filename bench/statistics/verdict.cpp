// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstddef>

#include "bench/statistics/comparison.hpp"

namespace assay::bench {

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::regressed:
      return "REGRESSED";
    case Verdict::improved:
      return "IMPROVED";
    case Verdict::same:
      return "SAME";
    case Verdict::inconclusive:
      return "INCONCLUSIVE";
    case Verdict::same_code:
      return "SAME-CODE";
    case Verdict::invalid:
      return "INVALID";
  }
  return "?";
}

bool is_single(const RowComparison& row) { return row.verdict == Verdict::inconclusive && row.pairs < 2; }

Verdict verdict_of(const Comparison& comparison) {
  const bool all_single = std::ranges::all_of(comparison.rows, is_single);
  bool all_same_code = true;
  std::array<bool, 6> found{};
  for (const RowComparison& row : comparison.rows) {
    if (is_single(row) && !all_single) continue;
    found.at(static_cast<std::size_t>(row.verdict)) = true;
    all_same_code = all_same_code && row.verdict == Verdict::same_code;
  }
  for (const Verdict verdict : {Verdict::regressed, Verdict::invalid, Verdict::inconclusive, Verdict::improved}) {
    if (found.at(static_cast<std::size_t>(verdict))) return verdict;
  }
  return all_same_code ? Verdict::same_code : Verdict::same;
}

int exit_code(Verdict verdict) {
  switch (verdict) {
    case Verdict::improved:
    case Verdict::same:
    case Verdict::same_code:
      return 0;
    case Verdict::regressed:
      return 1;
    case Verdict::invalid:
      return 2;
    case Verdict::inconclusive:
      return 4;
  }
  return 2;
}

}  // namespace assay::bench
