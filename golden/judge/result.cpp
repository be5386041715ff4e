// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/result.hpp"

#include <algorithm>

namespace assay::golden {

const SiteResult* Triangle::first_difference() const {
  const auto first = std::ranges::find(sites, Verdict::fail, &SiteResult::verdict);
  return first == sites.end() ? nullptr : &*first;
}

Verdict verdict_of(const Verification& verification) {
  if (verification.results.empty()) return Verdict::vacuous;
  Verdict verdict = Verdict::pass;
  for (const CaseResult& result : verification.results) verdict = worse(verdict, result.verdict);
  return verdict;
}

}  // namespace assay::golden
