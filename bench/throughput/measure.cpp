// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/throughput/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "bench/cost/cost.hpp"
#include "bench/observe/recorded_values.hpp"
#include "bench/profile/ledger.hpp"
#include "bench/result/roofline.hpp"
#include "bench/statistics/summary.hpp"

namespace assay::bench {
namespace {

/// A workload, what is known of its outputs, and its times so far.
struct Job {
  Workload workload;
  Row row;
  std::vector<std::uint64_t> digests;  ///< of the checked run
  std::vector<double> experts_used;
  std::vector<double> call_seconds;  ///< of all repetitions
};

class Session {
 public:
  Session(Engine& engine, const Config& config, const Measuring& wanted, PeakMeter& memory)
      : engine_(engine), config_(config), wanted_(wanted), memory_(memory), runner_(engine, config, wanted.workloads) {
    for (const Workload& workload : wanted.workloads) {
      Job job{workload, {}, {}, {}, {}};
      job.row.name = name(workload);
      job.row.threads = wanted.threads;
      jobs_.push_back(std::move(job));
    }
  }

  void check(const References& references) {
    memory_.begin();
    std::map<std::size_t, Yardstick> yardsticks;
    // By batch and depth: a run that the others have tokens in common with.
    std::map<std::pair<std::size_t, std::size_t>, std::unique_ptr<Witness>> longest;
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      Job& job = jobs_[i];
      const Workload& workload = job.workload;
      wanted_.progress(0.3 * static_cast<double>(i) / static_cast<double>(jobs_.size()), "checking " + job.row.name);
      auto yardstick = yardsticks.find(workload.batch);
      if (yardstick == yardsticks.end()) {
        yardstick =
            yardsticks.try_emplace(workload.batch, references, config_, workload.batch, wanted_.check_tokens).first;
      }
      auto witness = std::make_unique<Witness>(config_);
      Witness before(config_);
      const Run run = runner_.run(workload, Probe(witness.get()), &before);
      job.digests = run.digests;
      job.experts_used = witness->chosen().empty() ? std::vector<double>() : witness->experts_used();
      keep_load(workload, *witness);
      // The second workload of a depth finds the cache filled and sees no tokens before.
      if (workload.depth == 0) hold(job, yardstick->second.examine(*witness));
      if (before.tokens() > 0) hold(job, yardstick->second.examine(before));
      auto& other = longest[{workload.batch, workload.depth}];
      if (other) complain(job, disagreement(*witness, *other, workload.batch));
      if (!other || witness->tokens() > other->tokens()) other = std::move(witness);
    }
    for (const auto& [batch, yardstick] : yardsticks) {
      const Yardstick::Finding whole = yardstick.examine(engine_);
      for (Job& job : jobs_) {
        if (job.workload.batch == batch) hold(job, whole);
      }
    }
    memory_.end("check", explained());
  }

  void time() {
    for (std::size_t repetition = 0; repetition < wanted_.repeat; ++repetition) {
      for (std::size_t i = 0; i < jobs_.size(); ++i) {
        Job& job = jobs_[i];
        const double done =
            static_cast<double>(repetition) + static_cast<double>(i) / static_cast<double>(jobs_.size());
        wanted_.progress(0.3 + 0.6 * done / static_cast<double>(wanted_.repeat),
                         fmt::format("{} of {}: {}", repetition + 1, wanted_.repeat, job.row.name));
        memory_.begin();
        const Run run = runner_.run(job.workload);
        memory_.end(std::string(name(job.workload.kind)), explained());
        take(job, run, repetition);
      }
    }
  }

  Measured finish() {
    Measured measured;
    for (Job& job : jobs_) {
      count(job);
      measured.rows.push_back(std::move(job.row));
    }
    for (auto& [place, load] : loads_) measured.experts.push_back(std::move(load));
    return measured;
  }

  /// The calls of the median run, by total, of as many as were timed.
  void profile(const Workload& workload, Measured& measured) {
    wanted_.progress(0.95, "profiling " + name(workload));
    std::vector<std::unique_ptr<Profile>> profiles;
    for (std::size_t i = 0; i < std::max<std::size_t>(1, wanted_.repeat); ++i) {
      profiles.push_back(std::make_unique<Profile>(config_, std::string(name(workload.kind))));
      static_cast<void>(runner_.run(workload, Probe(profiles.back().get())));
    }
    const auto middle = profiles.begin() + static_cast<std::ptrdiff_t>(profiles.size() / 2);
    std::ranges::nth_element(profiles, middle, {}, [](const auto& profile) { return profile->seconds(); });
    const auto job = std::ranges::find(jobs_, workload, &Job::workload);
    std::map<Place, Cost> mean;
    for (std::size_t i = 0; i < workload.calls(); ++i) {
      for (const auto& [place, cost] : costs(config_, costed(*job, i))) mean[place] += cost;
    }
    for (auto& [place, cost] : mean) {
      cost.flops /= static_cast<double>(workload.calls());
      cost.bytes /= static_cast<double>(workload.calls());
    }
    append_ledger(**middle, mean, measured.ledger);
    measured.profiles.push_back(std::move(*middle));
  }

  /// Every value of one call in memory; then each call is compared with it and goes on with its values.
  Observing observe(const Workload& workload) {
    RecordedValues recorded;
    static_cast<void>(runner_.run(workload, Probe(&recorded)));
    InjectedComparison comparison(recorded, wanted_.threads);
    Observing observing;
    observing.plain.name = name(workload) + "/unobserved";
    observing.observed.name = name(workload) + "/injected";
    const auto add = [](Row& row, const Run& run) {
      row.samples.push_back({run.call_seconds.front(), run.cpu_seconds, 1});
    };
    for (std::size_t i = 0; i < wanted_.repeat; ++i) {
      wanted_.progress(0.97, fmt::format("observing {}, {} of {}", name(workload), i + 1, wanted_.repeat));
      add(observing.plain, runner_.run(workload));
      comparison.restart();
      add(observing.observed, runner_.run(workload, Probe(nullptr, &comparison)));
      if (comparison.worst() > 0 || comparison.compared() != recorded.values().size()) {
        observing.observed.invalid = "expected the values of the call before, found others";
      }
    }
    observing.sites = recorded.values().size();
    observing.elements = recorded.elements();
    observing.ratio = median(real_seconds(observing.observed.samples)) / median(real_seconds(observing.plain.samples));
    return observing;
  }

 private:
  [[nodiscard]] std::size_t explained() const {
    const EngineMemory held = engine_.memory();
    return held.weights + held.cache + held.workspace + wanted_.held_beside();
  }

  static void complain(Job& job, const std::string& complaint) {
    if (job.row.invalid.empty()) job.row.invalid = complaint;
  }

  static void hold(Job& job, const Yardstick::Finding& finding) {
    double& worst = job.row.counters["output_error"];
    if (finding.error >= worst) {
      worst = finding.error;
      job.row.counters["output_error_limit"] = finding.limit;
    }
    complain(job, finding.complaint);
  }

  void keep_load(const Workload& workload, const Witness& witness) {
    for (std::size_t layer = 0; layer < witness.chosen().size(); ++layer) {
      ExpertLoad& load = loads_[{workload.kind, layer}];
      load.phase = name(workload.kind);
      load.layer = layer;
      load.tokens.resize(witness.chosen()[layer].size());
      for (std::size_t e = 0; e < load.tokens.size(); ++e) load.tokens[e] += witness.chosen()[layer][e];
    }
  }

  static void take(Job& job, const Run& run, std::size_t repetition) {
    const auto calls = static_cast<double>(run.call_seconds.size());
    job.row.samples.push_back({run.seconds() / calls, run.cpu_seconds / calls, run.call_seconds.size()});
    job.call_seconds.insert(job.call_seconds.end(), run.call_seconds.begin(), run.call_seconds.end());
    if (run.digests != job.digests) {
      complain(job, fmt::format("repetition {}: expected the bits of the checked run, found others", repetition + 1));
    }
  }

  [[nodiscard]] CostedCall costed(const Job& job, std::size_t call) const {
    return {.batch = job.workload.batch,
            .length = job.workload.length(),
            .past = job.workload.depth + call * job.workload.length(),
            .weight_bytes = wanted_.weight_bytes,
            .experts_used = job.experts_used};
  }

  void count(Job& job) const {
    const double middle = median(real_seconds(job.row.samples));
    Cost cost;
    for (std::size_t i = 0; i < job.workload.calls(); ++i) cost += total(costs(config_, costed(job, i)));
    const auto calls = static_cast<double>(job.workload.calls());
    std::map<std::string, double>& counters = job.row.counters;
    counters["tokens/s"] = static_cast<double>(job.workload.batch * job.workload.length()) / middle;
    counters["flops"] = cost.flops / calls;
    counters["bytes"] = cost.bytes / calls;
    counters["FLOP/s"] = counters["flops"] / middle;
    counters["bytes/s"] = counters["bytes"] / middle;
    if (const auto share = share_of_roof({counters["flops"], counters["bytes"], middle}, wanted_.roofs)) {
      counters["share_of_roof"] = *share;
    }
    if (job.workload.kind == Kind::prefill) {
      counters["time_to_first_token"] = middle;
    } else {
      counters["latency_p50"] = quantile(job.call_seconds, 0.5);
      counters["latency_p90"] = quantile(job.call_seconds, 0.9);
      counters["latency_p99"] = quantile(job.call_seconds, 0.99);
    }
  }

  Engine& engine_;
  const Config& config_;
  const Measuring& wanted_;
  PeakMeter& memory_;
  Runner runner_;
  std::vector<Job> jobs_;
  std::map<std::pair<Kind, std::size_t>, ExpertLoad> loads_;
};

/// The largest prefill, the first of equals.
const Workload* largest_prefill(const std::vector<Workload>& workloads) {
  const Workload* largest = nullptr;
  for (const Workload& workload : workloads) {
    if (workload.kind != Kind::prefill) continue;
    if (largest == nullptr || workload.batch * workload.tokens > largest->batch * largest->tokens) largest = &workload;
  }
  return largest;
}

}  // namespace

Measured measure(Engine& engine, const Config& config, const References& references, const Measuring& wanted,
                 PeakMeter& memory) {
  Session session(engine, config, wanted, memory);
  session.check(references);
  session.time();
  Measured measured = session.finish();
  const Workload* prefill = largest_prefill(wanted.workloads);
  if (wanted.observe && prefill != nullptr) measured.observing = session.observe(*prefill);
  if (!wanted.profile) return measured;
  if (prefill != nullptr) session.profile(*prefill, measured);
  const auto decode = std::ranges::find(wanted.workloads, Kind::decode, &Workload::kind);
  if (decode != wanted.workloads.end()) session.profile(*decode, measured);
  return measured;
}

}  // namespace assay::bench
