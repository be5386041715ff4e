// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Element by element: how far each number of a site may be off by the rounding of its own operations, and whether it
// is. Norms miss one wrong number among many; this does not. docs/numerics.md, "Element by element".
#pragma once

#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "golden/format/golden_file.hpp"
#include "golden/judge/real_rows.hpp"
#include "golden/judge/result.hpp"
#include "golden/judge/tolerance.hpp"
#include "model/engine.hpp"
#include "model/site_plan.hpp"

namespace assay::golden {

/// The gauges G of every site of a golden: u G, u = 2^-24, is what one rounding of each of the numbers that an element
/// is computed from may do to it, to first order.
class GaugeRecord {
 public:
  /// Runs every call of a golden with truth through an engine that shows gauges (SiteValue::gauges), as an engine under
  /// test is run in injected mode: each site is replaced by the truth, rounded to float32, once its gauges are known.
  /// Those in `not_provided` are left alone, so that an engine that fuses them away is held against the whole piece.
  GaugeRecord(const GoldenFile& golden, Engine& gauge_engine, const std::set<Site>& not_provided);

  /// Dense and row-major, slots in the golden's order; empty of masks, constants, routing and losses, and of what is
  /// not recorded or not provided.
  [[nodiscard]] std::span<const float> of(CallIndex call, const ProbePoint& point) const;

 private:
  class Recorder;
  using Key = std::pair<std::size_t, std::pair<std::size_t, Site>>;  // call, 0 or layer + 1, site

  [[nodiscard]] static Key key(CallIndex call, const ProbePoint& point);

  std::map<Key, std::vector<float>> gauges_;
};

/// max |e_i| / (u G_i) over the judged elements of a site, which stand at `places`; what is off by no more than an
/// underflow counts as right. Added to the ratios of the result, which becomes a FAIL with a note above the gate.
/// Nothing happens to a site without gauges.
void judge_gauge(const Tolerances& table, const GaugeRecord& record, const PlannedSite& site, const Places& places,
                 std::span<const double> expected, std::span<const double> actual, SiteResult& result);

}  // namespace assay::golden
