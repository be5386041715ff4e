// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/machine/noise_meter.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "bench/machine/system_file.hpp"

namespace assay::bench {
namespace {

/// Of all cores together: the eighth number of the first line (proc(5)), in ticks.
double steal_seconds(const std::string& stat) {
  std::istringstream line(stat.substr(0, stat.find('\n')));
  std::string cpu;
  line >> cpu;
  double ticks = 0;
  for (int i = 0; i < 8; ++i) {
    if (!(line >> ticks)) return 0;
  }
  return cpu == "cpu" ? ticks / static_cast<double>(::sysconf(_SC_CLK_TCK)) : 0;
}

/// "some avg10=0.00 avg60=0.00 avg300=0.00 total=MICROSECONDS"
double pressure_seconds(const std::string& pressure) {
  constexpr std::string_view key = "total=";
  const std::string line = pressure.substr(0, pressure.find('\n'));
  const std::size_t at = line.find(key);
  if (!line.starts_with("some") || at == std::string::npos) return 0;
  return std::strtod(line.c_str() + at + key.size(), nullptr) * 1e-6;
}

}  // namespace

NoiseMeter::NoiseMeter(std::filesystem::path root)
    : root_(std::move(root)), start_(std::chrono::steady_clock::now()), before_(now()) {}

NoiseMeter::Counters NoiseMeter::now() const {
  Counters counters;
  counters.steal_seconds = steal_seconds(system_file(root_ / "proc/stat"));
  counters.pressure_seconds = pressure_seconds(system_file(root_ / "proc/pressure/cpu"));
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    counters.involuntary_switches = static_cast<std::uint64_t>(usage.ru_nivcsw);
    counters.major_faults = static_cast<std::uint64_t>(usage.ru_majflt);
  }
  return counters;
}

Noise NoiseMeter::noise() const {
  const Counters after = now();
  Noise noise;
  noise.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  noise.steal_seconds = std::max(0.0, after.steal_seconds - before_.steal_seconds);
  if (noise.seconds > 0) {
    const double waited = after.pressure_seconds - before_.pressure_seconds;
    noise.pressure_share = std::clamp(waited / noise.seconds, 0.0, 1.0);
  }
  noise.involuntary_switches = after.involuntary_switches - before_.involuntary_switches;
  noise.major_faults = after.major_faults - before_.major_faults;
  return noise;
}

}  // namespace assay::bench
