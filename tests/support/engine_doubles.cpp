// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/engine_doubles.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace assay::test {
namespace {

using golden::Values;

std::string text_of(const golden::SiteResult& site) {
  return fmt::format("call {} {}", site.call.value, to_string(ProbePoint{site.site, site.layer}));
}

}  // namespace

SiteValue ReplayEngine::forward(const Call&, const Probe& probe) {
  const CallIndex call{next_++};
  for (const PlannedSite& site : golden_.calls()[call.value].sites) {
    if (fused_.contains(site.point.site) || std::ranges::find(left_out_, site.point) != left_out_.end()) continue;
    play({call, site.point}, site.shape, probe);
  }
  return {};
}

void ReplayEngine::play(const Moment& moment, const Shape& shape, const Probe& probe) {
  const Values source = golden_.has(Values::truth) ? Values::truth : Values::hf32;
  const auto send = [&]<class T>(const auto& values) {
    std::vector<T> own(values.begin(), values.end());
    emit_with(meddling_, moment, {std::span<T>(own), shape}, probe);
  };
  const SiteKind kind = info(moment.point.site).kind;
  if (!golden_.records(moment.point.site)) {
    // What an engine shows there is nobody's business.
    const std::vector<int> zeros(elements(shape), 0);
    if (kind == SiteKind::routing) return send.operator()<std::int64_t>(zeros);
    if (kind == SiteKind::mask) return send.operator()<std::uint8_t>(zeros);
    return precision_ == Precision::f32 ? send.operator()<float>(zeros) : send.operator()<double>(zeros);
  }
  switch (kind) {
    case SiteKind::routing:
      return send.operator()<std::int64_t>(golden_.integers(moment.call, source, moment.point));
    case SiteKind::mask:
      return send.operator()<std::uint8_t>(golden_.integers(moment.call, source, moment.point));
    case SiteKind::constant:
      return send.operator()<float>(golden_.values(moment.call, source, moment.point));
    case SiteKind::value:
    case SiteKind::state:
      break;
  }
  const std::vector<double> values = golden_.values(moment.call, source, moment.point);
  if (precision_ == Precision::f32) return send.operator()<float>(values);
  send.operator()<double>(values);
}

golden::CaseResult judged(const golden::GoldenFile& golden, Engine& engine, golden::Mode mode,
                          const golden::Selection& selection, golden::Rows rows) {
  golden::ExamOptions options;
  options.precision = engine.precision();
  options.mode = mode;
  options.selection = selection;
  options.rows = rows;
  return golden::examine(golden, engine, options, "assay verify " + golden.file(), {});
}

std::string divergence_of(const golden::CaseResult& result) {
  return result.first_divergence ? text_of(result.first_divergence->site) : "nothing";
}

std::vector<std::string> sites_of(const golden::CaseResult& result, golden::Verdict verdict) {
  std::vector<std::string> sites;
  for (const golden::SiteResult& site : result.sites) {
    if (site.verdict == verdict) sites.push_back(text_of(site));
  }
  return sites;
}

}  // namespace assay::test
