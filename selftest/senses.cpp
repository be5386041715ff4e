// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "selftest/senses.hpp"

#include <algorithm>

namespace assay::selftest {
namespace {

using golden::Measure;
using golden::Verdict;

Sense sense_of(Measure measure) {
  switch (measure) {
    case Measure::tensor:
      return Sense::tensor;
    case Measure::row:
      return Sense::row;
    case Measure::column:
      return Sense::column;
    case Measure::largest:
      return Sense::largest;
    case Measure::bias:
      return Sense::bias;
    case Measure::gauge:
      return Sense::gauge;
  }
  return Sense::tensor;
}

bool is_at(const golden::SiteResult& site, const Moment& moment) {
  return moment == Moment{site.call, {site.site, site.layer}};
}

bool logits_differ(const golden::EndToEnd& call) {
  // Written so that a NaN differs.
  return call.top1_wrong > 0 || !(call.kl_mean <= call.kl_mean_gate) || !(call.kl_max <= call.kl_max_gate);
}

}  // namespace

std::set<Sense> senses_of(const golden::SiteResult& site) {
  if (site.verdict == Verdict::missing) return {Sense::shape};
  if (site.verdict != Verdict::fail) return {};
  // A site that was not what the plan says was not measured either.
  if (site.metrics.elements == 0) return {Sense::shape};
  switch (info(site.site).kind) {
    case SiteKind::mask:
    case SiteKind::constant:
      return {Sense::exact};
    case SiteKind::routing:
      return {Sense::routing};
    case SiteKind::value:
    case SiteKind::state:
      break;
  }
  // Written so that a NaN is seen.
  std::set<Sense> senses;
  // Of an exact golden no rounding is allowed.
  if (site.limit_max_abs == 0.0) senses.insert(Sense::exact);
  for (const golden::NoiseRatio& ratio : site.ratios) {
    if (!(ratio.value <= ratio.gate)) senses.insert(sense_of(ratio.measure));
  }
  if (!(site.metrics.rel_l2 <= site.limit_rel_l2)) senses.insert(Sense::tensor);
  if (!(site.metrics.max_abs <= site.limit_max_abs)) senses.insert(Sense::largest);
  return senses;
}

std::set<Sense> senses_of(const golden::CaseResult& result, const Moment& fault) {
  std::set<Sense> senses;
  bool found = false;
  for (const golden::SiteResult& site : result.sites) {
    if (info(site.site).kind == SiteKind::routing && site.verdict == Verdict::fail) senses.merge(senses_of(site));
    if (!is_at(site, fault)) continue;
    std::set<Sense> here = senses_of(site);
    found = !here.empty();
    senses.merge(here);
  }
  if (!found && result.first_divergence) senses.merge(senses_of(result.first_divergence->site));
  if (std::ranges::any_of(result.end_to_end, logits_differ)) senses.insert(Sense::end_to_end);
  return senses;
}

}  // namespace assay::selftest
