// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/google/programs.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/machine/available_memory.hpp"
#include "bench/machine/caches.hpp"
#include "bench/micro/google/allocations.hpp"
#include "bench/micro/google/roofs.hpp"
#include "bench/micro/rotation.hpp"
#include "bench/result/roofline.hpp"

namespace assay::bench::micro {
namespace {

enum class Heat { warm, cold };

using RoofsByThreads = std::map<std::size_t, Roofs>;

/// The operands of one case at a time: Google Benchmark calls a benchmark several times, and they are the same for all.
class Stage {
 public:
  Operation& operation(const Case& timed, Heat heat) {
    if (timed_ == &timed && heat_ == heat) return *operation_;
    operation_.reset();  // first: memory need not hold both
    label_.clear();
    operation_ = heat == Heat::warm ? timed.make() : rotation(timed);
    operation_->call();
    timed_ = &timed;
    heat_ = heat;
    return *operation_;
  }

  [[nodiscard]] const std::string& label() const { return label_; }

 private:
  std::unique_ptr<Operation> rotation(const Case& cold) {
    const std::size_t cache = last_level_cache_bytes();
    const RotationPlan plan = plan_rotation(cold, cache, available_bytes());
    const auto mebibytes = [](std::size_t bytes) { return static_cast<double>(bytes) / (1024.0 * 1024.0); };
    label_ = fmt::format("{} x {:.1f} MiB", plan.copies, mebibytes(cold.cold_bytes));
    if (plan.capped) label_ += fmt::format(", capped by memory: less than 4 x {:.0f} MiB", mebibytes(cache));
    return std::make_unique<Rotation>(cold, plan);
  }

  const Case* timed_ = nullptr;
  Heat heat_ = Heat::warm;
  std::unique_ptr<Operation> operation_;
  std::string label_;
};

void time_case(benchmark::State& state, Stage& stage, const Case& timed, Heat heat, const RoofsByThreads& roofs) {
  using Clock = std::chrono::steady_clock;
  Operation& operation = stage.operation(timed, heat);
  const Clock::time_point begin = Clock::now();
  {
    const AllocationWindow window;
    for (auto _ : state) operation.call();
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  using benchmark::Counter;
  if (timed.cost.flops > 0) state.counters["FLOP/s"] = Counter(timed.cost.flops, Counter::kIsIterationInvariantRate);
  if (timed.cost.bytes > 0) state.counters["bytes/s"] = Counter(timed.cost.bytes, Counter::kIsIterationInvariantRate);
  if (const auto found = roofs.find(timed.threads); found != roofs.end()) {
    const double call_seconds = seconds / static_cast<double>(state.iterations());
    const Work work{timed.cost.flops, timed.cost.bytes, call_seconds};
    if (const std::optional<double> share = share_of_roof(work, found->second)) {
      state.counters["share_of_roof"] = *share;
    }
  }
  state.SetLabel(stage.label());
}

void add_benchmark(const std::string& name, Stage& stage, const Case& timed, Heat heat, const RoofsByThreads& roofs) {
  benchmark::RegisterBenchmark(
      name.c_str(),
      [&stage, &timed, heat, &roofs](benchmark::State& state) { time_case(state, stage, timed, heat, roofs); })
      ->UseRealTime()
      ->Unit(benchmark::kMicrosecond);
}

/// With a word about them where the results are kept.
RoofsByThreads measure(const Registry& registry) {
  RoofsByThreads roofs;
  for (const Case& timed : registry.cases()) {
    if (roofs.contains(timed.threads)) continue;
    const std::optional<Roofs> measured = roofs_now(timed.threads);
    if (!measured) continue;
    roofs[timed.threads] = *measured;
    benchmark::AddCustomContext(
        fmt::format("roofs of {} thread{}", timed.threads, timed.threads == 1 ? "" : "s"),
        fmt::format("{:.1f} GFLOP/s, {:.1f} GB/s", measured->flops_per_second / 1e9, measured->bytes_per_second / 1e9));
  }
  return roofs;
}

bool only_lists(const std::vector<char*>& arguments) {
  return std::ranges::any_of(arguments, [](std::string_view argument) {
    return argument.starts_with("--benchmark_list_tests") && !argument.ends_with("=false");
  });
}

int run(const Registry& registry, std::vector<char*> arguments) {
  const bool lists = only_lists(arguments);
  // There are hundreds of benchmarks; who wants to look longer says so.
  std::string shorter = "--benchmark_min_time=0.2";
  arguments.insert(arguments.begin() + 1, shorter.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;
  Stage stage;
  const RoofsByThreads roofs = lists ? RoofsByThreads() : measure(registry);
  for (const Case& timed : registry.cases()) {
    add_benchmark(timed.name, stage, timed, Heat::warm, roofs);
    if (timed.cold_bytes > 0) add_benchmark(timed.name + "/cold", stage, timed, Heat::cold, roofs);
  }
  AllocationManager allocations;
  benchmark::RegisterMemoryManager(&allocations);
  const std::size_t matched = benchmark::RunSpecifiedBenchmarks();
  benchmark::RegisterMemoryManager(nullptr);
  benchmark::Shutdown();
  return matched > 0 ? 0 : 2;
}

}  // namespace

int run_benchmarks(const Registry& registry, int argument_count, char** arguments) {
  try {
    return run(registry, {arguments, arguments + argument_count});
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 2;
  }
}

}  // namespace assay::bench::micro
