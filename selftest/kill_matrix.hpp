// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the judge made of each mutant, as plain values, and whether that is good enough.
#pragma once

#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "golden/judge/result.hpp"
#include "selftest/mutant.hpp"
#include "selftest/usual_aggregates.hpp"

namespace assay::selftest {

/// What may notice a mutant. The first six are golden::Measure at the site where the fault is; routing and end to end
/// are of the whole run.
enum class Sense {
  tensor,
  row,
  column,
  largest,
  bias,
  gauge,
  routing,     ///< a token goes to a wrong expert
  end_to_end,  ///< KL or top 1 of the logits
  exact,       ///< a mask, a constant or a value of integers differs
  shape,       ///< a site is missing, misplaced, misshaped or of another type
};

inline constexpr std::array all_senses{Sense::tensor, Sense::row,     Sense::column,     Sense::largest, Sense::bias,
                                       Sense::gauge,  Sense::routing, Sense::end_to_end, Sense::exact,   Sense::shape};

[[nodiscard]] std::string_view name(Sense sense);

/// What the first divergence said.
enum class Place {
  right,           ///< the site where the fault is, in a free run
  right_injected,  ///< the same, in an injected run only
  other,           ///< another site
  none,            ///< nothing: the mutant survives
};

[[nodiscard]] std::string_view name(Place place);

/// A mutant in one precision.
struct Trial {
  Precision precision = Precision::f32;
  bool killed = false;
  double logit_change = 0;  ///< the largest, in units of what a healthy logit may be off; infinite for NaN
  std::set<Sense> seen_by;
  std::set<Aggregate> caught_by;  ///< at any floating-point site that has the right shape
  Place place = Place::none;
  std::string first_divergence;  ///< of the free run: "call 0 layer 1 q_proj", or "nothing"

  /// It must be killed: it changes a logit by more than the noise.
  [[nodiscard]] bool required() const { return logit_change > 1.0; }
};

struct MutantResult {
  Mutant mutant;
  std::vector<Trial> trials;  ///< float32 first, where both were run

  [[nodiscard]] bool killed() const;    ///< in any precision
  [[nodiscard]] bool required() const;  ///< in any precision
  /// A precision in which it must be killed and is not.
  [[nodiscard]] bool escaped() const;
  /// Killed in float32; or where that was not run, in float64.
  [[nodiscard]] bool killed_in_first() const;
};

/// A healthy run: nothing may be found.
struct Control {
  std::string golden;  ///< the case
  Precision precision = Precision::f32;
  golden::Mode mode = golden::Mode::free;
  golden::Verdict verdict = golden::Verdict::invalid;
  std::string first_divergence;
};

struct KillMatrix {
  std::vector<MutantResult> results;
  std::vector<Control> controls;
};

/// The part of the killed trials whose fault must be named at its site.
constexpr double least_localised = 0.95;

struct Totals {
  std::size_t mutants = 0;
  std::size_t killed = 0;       ///< in any precision
  std::size_t killed_late = 0;  ///< of those, in float64 only though float32 was run
  std::size_t trials = 0;
  std::size_t required = 0;  ///< trials
  std::size_t escaped = 0;   ///< required trials that survive
  std::size_t killed_trials = 0;
  std::size_t localised = 0;     ///< killed trials whose first divergence is at the right site
  std::size_t in_injected = 0;   ///< of those, in an injected run only
  std::size_t false_alarms = 0;  ///< controls that are not green
};

[[nodiscard]] Totals totals_of(const KillMatrix& matrix);

/// Every required mutant is killed, enough are localised, and no healthy run is red. Without a trial nothing holds.
[[nodiscard]] bool holds(const KillMatrix& matrix);

}  // namespace assay::selftest
