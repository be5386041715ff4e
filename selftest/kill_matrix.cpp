// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "selftest/kill_matrix.hpp"

#include <algorithm>

#include "golden/judge/verdict.hpp"

namespace assay::selftest {

std::string_view name(Sense sense) {
  switch (sense) {
    case Sense::tensor:
      return "tensor";
    case Sense::row:
      return "row";
    case Sense::column:
      return "column";
    case Sense::largest:
      return "largest";
    case Sense::bias:
      return "bias";
    case Sense::gauge:
      return "gauge";
    case Sense::routing:
      return "routing";
    case Sense::end_to_end:
      return "end to end";
    case Sense::exact:
      return "exact";
    case Sense::shape:
      return "shape";
  }
  return "?";
}

std::string_view name(Place place) {
  switch (place) {
    case Place::right:
      return "right";
    case Place::right_injected:
      return "right, injected";
    case Place::other:
      return "other";
    case Place::none:
      return "-";
  }
  return "?";
}

bool MutantResult::killed() const { return std::ranges::any_of(trials, &Trial::killed); }

bool MutantResult::required() const {
  return std::ranges::any_of(trials, [](const Trial& trial) { return trial.required(); });
}

bool MutantResult::escaped() const {
  return std::ranges::any_of(trials, [](const Trial& trial) { return trial.required() && !trial.killed; });
}

bool MutantResult::killed_in_first() const { return !trials.empty() && trials.front().killed; }

Totals totals_of(const KillMatrix& matrix) {
  Totals totals;
  for (const MutantResult& result : matrix.results) {
    ++totals.mutants;
    if (result.killed()) ++totals.killed;
    if (result.killed() && !result.killed_in_first()) ++totals.killed_late;
    for (const Trial& trial : result.trials) {
      ++totals.trials;
      if (trial.required()) ++totals.required;
      if (trial.required() && !trial.killed) ++totals.escaped;
      if (!trial.killed) continue;
      ++totals.killed_trials;
      if (trial.place == Place::right || trial.place == Place::right_injected) ++totals.localised;
      if (trial.place == Place::right_injected) ++totals.in_injected;
    }
  }
  for (const Control& control : matrix.controls) {
    if (golden::exit_code(control.verdict) != 0) ++totals.false_alarms;
  }
  return totals;
}

bool holds(const KillMatrix& matrix) {
  const Totals totals = totals_of(matrix);
  if (totals.trials == 0 || matrix.controls.empty()) return false;
  const auto wanted = least_localised * static_cast<double>(totals.killed_trials);
  return totals.escaped == 0 && totals.false_alarms == 0 && static_cast<double>(totals.localised) >= wanted;
}

}  // namespace assay::selftest
