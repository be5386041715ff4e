// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the judge knows beside errors and limits: noise ratios, decisions of the routers, where the error of a layer
// comes from, and what became of the logits. As texts, facts for people and JSON.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "golden/judge/result.hpp"
#include "reports/facts.hpp"

namespace assay::reports {

/// "row 9.3 of 3.1 (row 4 of 12)"; the place of measures that have one.
[[nodiscard]] std::string ratio_place_text(const golden::NoiseRatio& ratio);

/// All ratios, "tensor 5.1 of 2.5, row 9.3 of 3.1 (row 4 of 12)"; "" where none was taken.
[[nodiscard]] std::string ratios_text(const golden::SiteResult& site);

/// "headroom 4.1%: row 2.4 of 2.5 (row 4 of 12)", or the errors where no ratio is as close to its gate.
[[nodiscard]] std::string headroom_reason(const golden::SiteResult& site);

/// "layer 3, call 0, token 5: WRONG, top k: expected experts 1 2, found 1 4 (margin 1.2e-01, bound 3.0e-05)"
[[nodiscard]] std::string decision_text(const golden::TokenDecision& decision);

/// The layers of a case together.
struct RoutingCounts {
  std::size_t tokens = 0;
  std::size_t exact = 0;
  std::size_t ties = 0;
  std::size_t wrong = 0;
};
[[nodiscard]] RoutingCounts routing_counts(const golden::CaseResult& result);

/// "120 decisions: 117 EXACT, 2 TIE, 1 WRONG"
[[nodiscard]] std::string routing_text(const golden::CaseResult& result);

/// "layer 3, call 0: introduced (in 12%, out 5.2x, own 4.9x at moe_out)": shares of the limits.
[[nodiscard]] std::string layer_text(const golden::LayerErrors& layer);

/// Whether KL and top-1 are as they must be. Written so that a NaN is not.
[[nodiscard]] bool holds(const golden::EndToEnd& outcome);

/// "call 0: KL mean 1.2e-09, gate 2.0e-09; max 4.0e-09, gate 8.0e-09; top-1 same in 11 of 12 rows, 1 tie"
[[nodiscard]] std::string end_to_end_text(const golden::EndToEnd& outcome);

/// Of a case that is no plain PASS: at most a few lines of each; those that are as they must be are left out.
[[nodiscard]] std::vector<Fact> diagnosis_facts(const golden::CaseResult& result);

/// Adds "routing", "decisions", "layers" and "end_to_end": arrays of objects whose keys are the names in
/// golden/judge/result.hpp.
void add_diagnosis(const golden::CaseResult& result, boost::json::object& object);

/// "measure", "value", "gate", "where" and "samples" of each ratio.
[[nodiscard]] boost::json::array ratios_json(const golden::SiteResult& site);

}  // namespace assay::reports
