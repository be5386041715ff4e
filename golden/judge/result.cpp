// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/result.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace assay::golden {

const SiteResult* Triangle::first_difference() const {
  const auto first = std::ranges::find(sites, Verdict::fail, &SiteResult::verdict);
  return first == sites.end() ? nullptr : &*first;
}

double share_used(const SiteResult& site) {
  const auto share = [](double error, double limit) {
    if (std::isnan(error) || std::isnan(limit)) return std::numeric_limits<double>::infinity();
    if (error == 0.0) return 0.0;
    return limit > 0.0 ? error / limit : std::numeric_limits<double>::infinity();
  };
  double used =
      std::max(share(site.metrics.rel_l2, site.limit_rel_l2), share(site.metrics.max_abs, site.limit_max_abs));
  for (const NoiseRatio& ratio : site.ratios) used = std::max(used, share(ratio.value, ratio.gate));
  return used;
}

Verdict verdict_of(const Verification& verification) {
  if (verification.results.empty()) return Verdict::vacuous;
  Verdict verdict = Verdict::pass;
  for (const CaseResult& result : verification.results) verdict = worse(verdict, result.verdict);
  return verdict;
}

}  // namespace assay::golden
