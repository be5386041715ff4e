// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "selftest/words.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "golden/judge/verdict.hpp"

namespace assay::selftest {
namespace {

template <class What>
std::string_view mark_of(const MutantResult& result, std::set<What> Trial::*noticed, What what) {
  for (std::size_t i = 0; i < result.trials.size(); ++i) {
    if ((result.trials[i].*noticed).contains(what)) return i == 0 ? "K" : "k";
  }
  return ".";
}

}  // namespace

std::string_view mark(const MutantResult& result, Sense sense) { return mark_of(result, &Trial::seen_by, sense); }

std::string_view mark(const MutantResult& result, Aggregate aggregate) {
  return mark_of(result, &Trial::caught_by, aggregate);
}

std::string_view fate(const MutantResult& result) {
  if (result.escaped()) return "ESCAPED";
  if (result.killed_in_first()) return "killed";
  return result.killed() ? "f64 only" : "survived";
}

Place place(const MutantResult& result) {
  const auto killed = std::ranges::find(result.trials, true, &Trial::killed);
  return killed == result.trials.end() ? Place::none : killed->place;
}

std::vector<std::string> survivor_lines(const KillMatrix& matrix) {
  std::vector<std::string> lines;
  for (const MutantResult& result : matrix.results) {
    for (const Trial& trial : result.trials) {
      if (trial.killed) continue;
      lines.push_back(fmt::format("{} in {}: {}; {}", result.mutant.name, assay::name(trial.precision),
                                  result.mutant.wrong,
                                  result.mutant.reason.empty() ? "no reason is known" : result.mutant.reason));
    }
  }
  return lines;
}

std::vector<std::string> problem_lines(const KillMatrix& matrix) {
  std::vector<std::string> lines;
  for (const MutantResult& result : matrix.results) {
    for (const Trial& trial : result.trials) {
      const std::string where =
          fmt::format("{} in {}, {}", result.mutant.name, result.mutant.golden, assay::name(trial.precision));
      if (trial.required() && !trial.killed) {
        lines.push_back(
            fmt::format("{}: escaped, though a logit changes by {:.3g} times the noise", where, trial.logit_change));
      }
      if (trial.killed && trial.place == Place::other) {
        lines.push_back(fmt::format("{}: expected the first divergence at {}, found it at {}", where,
                                    to_string(result.mutant.site), trial.first_divergence));
      }
    }
  }
  for (const Control& control : matrix.controls) {
    if (golden::exit_code(control.verdict) == 0) continue;
    lines.push_back(fmt::format("{}, {}, {}: nothing is wrong, expected PASS, found {} at {}", control.golden,
                                assay::name(control.precision), golden::name(control.mode),
                                golden::name(control.verdict), control.first_divergence));
  }
  return lines;
}

std::vector<std::string> total_lines(const KillMatrix& matrix) {
  const Totals totals = totals_of(matrix);
  const std::string late = totals.killed_late == 0 ? "" : fmt::format(" ({} in float64 only)", totals.killed_late);
  const std::string injected = totals.in_injected == 0 ? "" : fmt::format(" ({} injected only)", totals.in_injected);
  const double part = totals.killed_trials == 0
                          ? 0.0
                          : 100.0 * static_cast<double>(totals.localised) / static_cast<double>(totals.killed_trials);
  return {fmt::format("{} mutant{}: {} killed{}, {} survive", totals.mutants, totals.mutants == 1 ? "" : "s",
                      totals.killed, late, totals.mutants - totals.killed),
          fmt::format("{} of {} runs change a logit by more than the noise: {} of them escape", totals.required,
                      totals.trials, totals.escaped),
          fmt::format("{} of {} killed runs name the right site first{}: {:.1f} %", totals.localised,
                      totals.killed_trials, injected, part),
          fmt::format("{} healthy runs: {} false alarms", matrix.controls.size(), totals.false_alarms)};
}

}  // namespace assay::selftest
