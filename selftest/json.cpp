// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "selftest/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "golden/judge/verdict.hpp"

namespace assay::selftest {
namespace {

template <class Names>
boost::json::array names_of(const Names& values) {
  boost::json::array names;
  for (const auto value : values) names.emplace_back(name(value));
  return names;
}

boost::json::object trial_object(const Trial& trial) {
  return {{"precision", assay::name(trial.precision)},
          {"required", trial.required()},
          {"killed", trial.killed},
          {"logit_change", trial.logit_change},
          {"seen_by", names_of(trial.seen_by)},
          {"caught_by", names_of(trial.caught_by)},
          {"place", name(trial.place)},
          {"first_divergence", trial.first_divergence}};
}

boost::json::object result_object(const MutantResult& result) {
  boost::json::array trials;
  for (const Trial& trial : result.trials) trials.emplace_back(trial_object(trial));
  boost::json::value trap;  // null
  if (result.mutant.trap != no_trap) trap = result.mutant.trap;
  return {{"mutant", result.mutant.name},   {"wrong", result.mutant.wrong},          {"trap", trap},
          {"golden", result.mutant.golden}, {"site", to_string(result.mutant.site)}, {"reason", result.mutant.reason},
          {"trials", std::move(trials)}};
}

}  // namespace

boost::json::object json(const KillMatrix& matrix, double seconds) {
  boost::json::array mutants;
  for (const MutantResult& result : matrix.results) mutants.emplace_back(result_object(result));
  boost::json::array controls;
  for (const Control& control : matrix.controls) {
    controls.emplace_back(boost::json::object{{"golden", control.golden},
                                              {"precision", assay::name(control.precision)},
                                              {"mode", golden::name(control.mode)},
                                              {"verdict", golden::name(control.verdict)},
                                              {"first_divergence", control.first_divergence}});
  }
  const Totals totals = totals_of(matrix);
  return {{"schema", "assay.selftest/1"},
          {"holds", holds(matrix)},
          {"seconds", seconds},
          {"totals",
           {{"mutants", totals.mutants},
            {"killed", totals.killed},
            {"killed_in_float64_only", totals.killed_late},
            {"trials", totals.trials},
            {"required", totals.required},
            {"escaped", totals.escaped},
            {"killed_trials", totals.killed_trials},
            {"localised", totals.localised},
            {"localised_in_injected_only", totals.in_injected},
            {"false_alarms", totals.false_alarms}}},
          {"mutants", std::move(mutants)},
          {"controls", std::move(controls)}};
}

}  // namespace assay::selftest
