// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/driver/timing.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>

namespace assay::bench::micro {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

constexpr double least_sample_seconds = 0.015;
constexpr double warm_up_seconds = 2.0;
/// Calls that the minima of the warm-up are taken over.
constexpr double least_batch_seconds = 0.003;

}  // namespace

TimedOperation::TimedOperation(const Case& timed) : operation_(timed.make()) {
  const Clock::time_point begin = Clock::now();
  std::uint64_t batch = 1;
  double best = measure(batch).real_seconds;
  while (best * static_cast<double>(batch) < least_batch_seconds && seconds_since(begin) < warm_up_seconds) {
    batch *= 2;
    best = measure(batch).real_seconds;
  }
  constexpr double settled = 0.01;
  double before = best;
  do {
    before = best;
    best = best_of_three(batch);
  } while (!(std::abs(best - before) <= settled * before) && seconds_since(begin) < warm_up_seconds);
  iterations_ = static_cast<std::uint64_t>(std::ceil(least_sample_seconds / std::min(best, before)));
}

TimedOperation::TimedOperation(const Case& timed, std::uint64_t iterations)
    : operation_(timed.make()), iterations_(iterations) {
  constexpr std::uint64_t warm_up_share = 3;
  static_cast<void>(measure(1 + iterations / warm_up_share));
}

double TimedOperation::best_of_three(std::uint64_t calls) {
  double best = measure(calls).real_seconds;
  for (int i = 1; i < 3; ++i) best = std::min(best, measure(calls).real_seconds);
  return best;
}

Sample TimedOperation::sample() {
  // Other processes had the core: what they left in its caches is not the operation's cost. An operation whose values
  // fit into the second level is by a sixth faster where it runs after itself.
  static_cast<void>(measure(1));
  // What comes between, comes in bursts of a few milliseconds.
  constexpr std::uint64_t most_parts = 8;
  const std::uint64_t parts = std::min(most_parts, iterations_);
  Sample quickest = measure(iterations_ / parts);
  for (std::uint64_t part = 1; part < parts; ++part) {
    const Sample next = measure(iterations_ * (part + 1) / parts - iterations_ * part / parts);
    if (next.real_seconds < quickest.real_seconds) quickest = next;
  }
  quickest.iterations = iterations_;
  return quickest;
}

Sample TimedOperation::measure(std::uint64_t calls) {
  const double cpu_begin = cpu_seconds();
  const Clock::time_point begin = Clock::now();
  assay_measured_region(operation_.get(), calls);
  double real = seconds_since(begin);
  if (factor_ > 1.0) {
    const double until = factor_ * real;
    while (real < until) real = seconds_since(begin);
  }
  const double cpu = cpu_seconds() - cpu_begin;
  const auto count = static_cast<double>(calls);
  // Clocks have steps: nothing takes no time at all.
  constexpr double least = 1e-10;
  return {std::max(real / count, least), std::max(cpu / count, least), calls};
}

}  // namespace assay::bench::micro
