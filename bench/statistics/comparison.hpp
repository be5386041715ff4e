// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Whether a change made a row slower. The effect is the median of log(new / base) over pairs; its interval is a
// bootstrap over pairs; Wilcoxon's signed-rank test is the second opinion, with Holm's correction over the rows; what
// two equal programs differ by (the control) sets the floor below which an effect is none. docs/benchmarking.md
// explains the rule.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/result/result.hpp"

namespace assay::bench {

enum class Verdict { regressed, improved, same, inconclusive, same_code, invalid };

/// "REGRESSED", "SAME-CODE", ...
[[nodiscard]] std::string_view name(Verdict verdict);

/// A ratio of times, new over base: 1.05 is 5 % slower.
struct Ratio {
  double median = 1;
  double low = 1;  ///< of the 95 % interval
  double high = 1;
};

struct RowComparison {
  std::string name;
  Verdict verdict = Verdict::inconclusive;
  std::string reason;  ///< a phrase that says what decided: "interval 1.2 % to 9.8 % is wider than the floor of 3.0 %"
  std::size_t pairs = 0;  ///< or samples an arm, where they are not paired
  bool paired = true;
  double base_seconds = 0;  ///< medians
  double new_seconds = 0;
  Ratio ratio;
  std::optional<Ratio> control;        ///< base's second process over base
  double floor = 0;                    ///< the smallest effect that counts: 0.03 is 3 %
  double p = 1;                        ///< of Wilcoxon (paired) or Mann-Whitney (not paired), two-sided
  double adjusted_p = 1;               ///< after Holm
  std::optional<double> instructions;  ///< ratio, new over base
};

/// Where one of the two results comes from.
struct Side {
  std::string file;
  std::string date;
  std::string program;
  std::string commit;  ///< "" where unknown
};

struct Comparison {
  Side base;
  Side fresh;
  std::vector<RowComparison> rows;    ///< in the order of base
  std::vector<std::string> warnings;  ///< different machines or settings, as far as they were allowed
};

/// Whether a row was measured once on a side, as loading is: whatever its figures are, they decide nothing.
[[nodiscard]] bool is_single(const RowComparison& row);

/// REGRESSED where a row is, else INVALID, else INCONCLUSIVE; else IMPROVED where a row is, SAME-CODE where all are, or
/// SAME. An INCONCLUSIVE row that is_single does not count, unless there is no other.
[[nodiscard]] Verdict verdict_of(const Comparison& comparison);

/// 0 no regression, 1 regression, 2 cannot judge, 4 inconclusive.
[[nodiscard]] int exit_code(Verdict verdict);

}  // namespace assay::bench
