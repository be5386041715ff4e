// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "selftest/trials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "model/error.hpp"
#include "selftest/senses.hpp"

namespace assay::selftest {
namespace {

using golden::CaseResult;
using golden::Mode;
using golden::SiteResult;
using golden::Values;

/// Lets the usual aggregates see what the judge sees.
class AggregateListener : public golden::JudgeListener {
 public:
  using ExpectedValues = std::map<std::pair<std::size_t, std::string>, std::vector<double>>;

  AggregateListener(const golden::GoldenFile& golden, ExpectedValues& expected)
      : golden_(golden), expected_(expected) {}

  void judged(const SiteResult& result, const Shape&, std::span<const double> values) override {
    const SiteKind kind = info(result.site).kind;
    if (kind == SiteKind::mask || kind == SiteKind::routing) return;
    const ProbePoint point{result.site, result.layer};
    std::vector<double>& expected = expected_[{result.call.value, assay::to_string(point)}];
    if (expected.empty()) expected = golden_.values(result.call, Values::truth, point);
    for (const Aggregate aggregate : all_aggregates) {
      if (!passes(aggregate, expected, values)) caught_by_.insert(aggregate);
    }
  }

  [[nodiscard]] const std::set<Aggregate>& caught_by() const { return caught_by_; }

 private:
  const golden::GoldenFile& golden_;
  ExpectedValues& expected_;
  std::set<Aggregate> caught_by_;
};

bool red(const CaseResult& result) { return golden::exit_code(result.verdict) != 0; }

std::string divergence_of(const CaseResult& result) {
  if (!result.first_divergence) return "nothing";
  const SiteResult& site = result.first_divergence->site;
  return to_string(Moment{site.call, {site.site, site.layer}});
}

/// The largest change of an element in units of the limit; infinite where there are not as many elements, or NaN.
double change_of(const std::vector<double>& healthy, const std::vector<double>& broken, double limit) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  if (healthy.size() != broken.size()) return infinite;
  double largest = 0.0;
  for (std::size_t i = 0; i < healthy.size(); ++i) {
    const double change = std::abs(broken[i] - healthy[i]);
    if (std::isnan(change)) return infinite;
    largest = std::max(largest, change);
  }
  if (largest == 0.0) return 0.0;
  return largest / limit;
}

Place place_of(const CaseResult& free, const CaseResult& injected, const Mutant& mutant) {
  if (!red(free) && !red(injected)) return Place::none;
  const std::string right = to_string(mutant.site);
  if (divergence_of(free) == right) return Place::right;
  return divergence_of(injected) == right ? Place::right_injected : Place::other;
}

/// What a logit may be off in each call, as the judge says of a healthy run.
std::vector<double> logit_limits(const golden::GoldenFile& golden, const CaseResult& free) {
  std::vector<double> limits;
  for (std::size_t call = 0; call < golden.calls().size(); ++call) {
    const auto logits = std::ranges::find_if(
        free.sites, [&](const SiteResult& site) { return site.call.value == call && site.site == Site::logits; });
    if (logits == free.sites.end()) {
      throw Error(fmt::format("{}: call {}: expected the logits of a language model, found none", golden.file(), call));
    }
    limits.push_back(logits->limit_max_abs);
  }
  return limits;
}

golden::Calibration calibration_of(const golden::GoldenFile& golden, const golden::GatesFile& file) {
  std::optional<golden::NullDistribution> noise = golden::NullDistribution::read(golden, Values::hf32);
  if (!noise) throw Error(fmt::format("{}: expected a null distribution of hf32, found none", golden.file()));
  std::optional<golden::CaseGates> gates = file.find(golden, Values::hf32);
  if (!gates) {
    throw Error(fmt::format("{}: expected gates of {} hf32, found none; run script/golden calibrate", file.file(),
                            golden.case_name()));
  }
  return {*std::move(noise), *std::move(gates)};
}

}  // namespace

Trials::Subject& Trials::subject(const std::string& golden) {
  std::unique_ptr<Subject>& known = subjects_[golden];
  if (!known) {
    auto subject = std::make_unique<Subject>(folder_ / (golden + ".h5"));
    if (!subject->golden.has(Values::truth)) {
      throw Error(fmt::format("{}: expected a golden with a truth, found one without", subject->golden.file()));
    }
    subject->calibration = calibration_of(subject->golden, gates_);
    subject->model.calibration = &*subject->calibration;
    subject->gauges = subject->model.measured_gauges();
    subject->model.gauges = &*subject->gauges;
    known = std::move(subject);
  }
  return *known;
}

const Trials::Healthy& Trials::healthy(Subject& subject, Precision precision) {
  const auto known = subject.healthy.find(precision);
  if (known != subject.healthy.end()) return known->second;
  Healthy healthy;
  healthy.logits = subject.model.outputs(precision);
  for (const Mode mode : {Mode::free, Mode::injected}) {
    const CaseResult result = subject.model.judged(precision, mode);
    healthy.controls.push_back({subject.golden.case_name(), precision, mode, result.verdict, divergence_of(result)});
    if (mode == Mode::free) healthy.limits = logit_limits(subject.golden, result);
  }
  return subject.healthy.emplace(precision, std::move(healthy)).first->second;
}

Trial Trials::run(const Mutant& mutant, Precision precision) {
  Subject& subject = this->subject(mutant.golden);
  const Healthy& well = healthy(subject, precision);
  // What a mutant remembers of a run is of that run.
  const auto broken = [&] {
    BrokenModel model = subject.model;
    mutant.apply(model);
    return model;
  };
  Trial trial;
  trial.precision = precision;
  const std::vector<std::vector<double>> logits = broken().outputs(precision);
  for (std::size_t call = 0; call < logits.size(); ++call) {
    trial.logit_change = std::max(trial.logit_change, change_of(well.logits[call], logits[call], well.limits[call]));
  }
  AggregateListener aggregates(subject.golden, subject.expected);
  const CaseResult free = broken().judged(precision, Mode::free, &aggregates);
  const CaseResult injected = broken().judged(precision, Mode::injected);
  trial.killed = red(free) || red(injected);
  trial.seen_by = senses_of(free, mutant.site);
  trial.seen_by.merge(senses_of(injected, mutant.site));
  trial.caught_by = aggregates.caught_by();
  trial.place = place_of(free, injected, mutant);
  trial.first_divergence = divergence_of(free);
  return trial;
}

std::vector<Control> Trials::controls() const {
  std::vector<Control> controls;
  for (const auto& [golden, subject] : subjects_) {
    for (const auto& [precision, healthy] : subject->healthy) {
      controls.insert(controls.end(), healthy.controls.begin(), healthy.controls.end());
    }
  }
  return controls;
}

KillMatrix kill_matrix(const std::filesystem::path& folder, const std::vector<Mutant>& mutants,
                       const std::vector<Precision>& precisions, const TrialProgress& progress) {
  Trials trials(folder);
  KillMatrix matrix;
  for (const Mutant& mutant : mutants) {
    if (progress) {
      progress(static_cast<double>(matrix.results.size()) / static_cast<double>(mutants.size()), mutant.name);
    }
    MutantResult result{mutant, {}};
    for (const Precision precision : precisions) result.trials.push_back(trials.run(mutant, precision));
    matrix.results.push_back(std::move(result));
  }
  matrix.controls = trials.controls();
  return matrix;
}

}  // namespace assay::selftest
