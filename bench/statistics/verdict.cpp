// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

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

Verdict verdict_of(const Comparison& comparison) {
  const auto is = [](Verdict verdict) {
    return [verdict](const RowComparison& row) { return row.verdict == verdict; };
  };
  for (const Verdict verdict : {Verdict::regressed, Verdict::invalid, Verdict::inconclusive, Verdict::improved}) {
    if (std::ranges::any_of(comparison.rows, is(verdict))) return verdict;
  }
  return std::ranges::all_of(comparison.rows, is(Verdict::same_code)) ? Verdict::same_code : Verdict::same;
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
