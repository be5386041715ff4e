// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Three witnesses of one golden, transformers, reference and optimized, and what the pattern of their agreement says.
#pragma once

#include <map>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "golden/judge/examiner.hpp"
#include "golden/judge/result.hpp"

namespace assay::golden {

/// Keeps what a float32 engine computed, so that another engine can be held against it.
class ValueRecord : public JudgeListener {
 public:
  struct Entry {
    std::vector<float> values;
    double limit_l2 = 0;       ///< of ||engine - truth||
    double limit_max_abs = 0;  ///< of the largest |engine - truth|
  };

  void judged(const SiteResult& result, const Shape& shape, std::span<const double> values) override;

  /// Null where the site was not judged.
  [[nodiscard]] const Entry* find(const SiteResult& site) const;

 private:
  std::map<std::tuple<std::size_t, std::size_t, Site>, Entry> entries_;  // {call, 0 or layer + 1, site}
};

/// Holds an engine against a recorded one, site by site. Both may be away from the truth by their limits, so from each
/// other by the sum of the two (docs/numerics.md).
class DirectComparison : public JudgeListener {
 public:
  /// Borrows the record.
  explicit DirectComparison(const ValueRecord& record) : record_(record) {}

  void judged(const SiteResult& result, const Shape& shape, std::span<const double> values) override;

  /// "expected" is what was recorded. PASS or FAIL.
  [[nodiscard]] const std::vector<SiteResult>& sites() const { return sites_; }

 private:
  const ValueRecord& record_;
  std::vector<SiteResult> sites_;
};

/// Both results are of one golden, in float32 and in one mode.
[[nodiscard]] Triangle triangle_of(const CaseResult& reference, const CaseResult& optimized,
                                   std::vector<SiteResult> between);

/// "a bug in optimized"
[[nodiscard]] std::string_view name(Reading reading);

/// "ok", "bad", "-"
[[nodiscard]] std::string_view name(Leg leg);

}  // namespace assay::golden
