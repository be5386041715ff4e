// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/triangle.hpp"

#include <utility>

#include "golden/judge/metrics.hpp"

namespace assay::golden {
namespace {

std::tuple<std::size_t, std::size_t, Site> key(const SiteResult& site) {
  return {site.call.value, site.layer ? site.layer->value + 1 : 0, site.site};
}

/// ||actual - expected|| may be this.
double limit_l2(const SiteResult& site) { return site.limit_rel_l2 * site.metrics.expected_l2; }

Leg leg_of(const CaseResult& result) {
  switch (result.verdict) {
    case Verdict::pass:
    case Verdict::tie:
    case Verdict::marginal:
      return Leg::holds;
    case Verdict::fail:
    case Verdict::missing:
      return Leg::breaks;
    case Verdict::vacuous:
    case Verdict::stale:
    case Verdict::invalid:
      break;
  }
  return Leg::unknown;
}

Reading reading_of(Leg reference, Leg optimized, Leg between) {
  if (reference == Leg::unknown || optimized == Leg::unknown) return Reading::none;
  if (reference == Leg::holds && optimized == Leg::holds) {
    return between == Leg::breaks ? Reading::judge : Reading::healthy;
  }
  if (reference == Leg::holds) return Reading::optimized;
  if (optimized == Leg::holds) return Reading::reference;
  return between == Leg::holds ? Reading::shared_noun : Reading::open_reference;
}

std::optional<SiteResult> divergence_of(const CaseResult& result) {
  if (!result.first_divergence) return std::nullopt;
  return result.first_divergence->site;
}

}  // namespace

void ValueRecord::judged(const SiteResult& result, const Shape&, std::span<const double> values) {
  Entry entry{{}, limit_l2(result), result.limit_max_abs};
  entry.values.reserve(values.size());
  for (const double value : values) entry.values.push_back(static_cast<float>(value));
  entries_.insert_or_assign(key(result), std::move(entry));
}

const ValueRecord::Entry* ValueRecord::find(const SiteResult& site) const {
  const auto found = entries_.find(key(site));
  return found == entries_.end() ? nullptr : &found->second;
}

void DirectComparison::judged(const SiteResult& result, const Shape& shape, std::span<const double> values) {
  const ValueRecord::Entry* recorded = record_.find(result);
  if (recorded == nullptr || recorded->values.size() != values.size()) return;
  const std::vector<double> expected(recorded->values.begin(), recorded->values.end());
  std::vector<double> difference(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) difference[i] = values[i] - expected[i];

  SiteResult direct;
  direct.call = result.call;
  direct.layer = result.layer;
  direct.site = result.site;
  const double l2 = recorded->limit_l2 + limit_l2(result);
  direct.limit_max_abs = recorded->limit_max_abs + result.limit_max_abs;
  direct.metrics = measure(Expected{expected}, Actual{values}, shape, Precision::f32, direct.limit_max_abs);
  direct.limit_rel_l2 = direct.metrics.expected_l2 == 0.0 ? 0.0 : l2 / direct.metrics.expected_l2;
  // Written so that a NaN fails.
  const bool holds = norm_l2(difference) <= l2 && direct.metrics.max_abs <= direct.limit_max_abs;
  direct.verdict = holds ? Verdict::pass : Verdict::fail;
  sites_.push_back(std::move(direct));
}

Triangle triangle_of(const CaseResult& reference, const CaseResult& optimized, std::vector<SiteResult> between) {
  Triangle triangle;
  triangle.golden = reference.golden;
  triangle.case_name = reference.case_name;
  triangle.mode = reference.mode;
  triangle.reference = leg_of(reference);
  triangle.optimized = leg_of(optimized);
  triangle.sites = std::move(between);
  if (!triangle.sites.empty()) {
    triangle.between = triangle.first_difference() == nullptr ? Leg::holds : Leg::breaks;
  }
  triangle.reading = reading_of(triangle.reference, triangle.optimized, triangle.between);
  triangle.reference_divergence = divergence_of(reference);
  triangle.optimized_divergence = divergence_of(optimized);
  return triangle;
}

std::string_view name(Reading reading) {
  switch (reading) {
    case Reading::healthy:
      return "healthy";
    case Reading::optimized:
      return "a bug in optimized";
    case Reading::reference:
      return "a bug in reference";
    case Reading::shared_noun:
      return "a shared noun is wrong";
    case Reading::open_reference:
      return "open the first divergence of the reference first";
    case Reading::judge:
      return "a bug in the judge";
    case Reading::none:
      return "none";
  }
  return "?";
}

std::string_view name(Leg leg) {
  if (leg == Leg::unknown) return "-";
  return leg == Leg::holds ? "ok" : "bad";
}

}  // namespace assay::golden
