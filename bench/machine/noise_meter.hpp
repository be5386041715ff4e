// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Who else wants the machine while something is measured.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "bench/result/result.hpp"

namespace assay::bench {

/// Starts when it is made. What the kernel does not say (a file is not there, or not for us) is 0.
class NoiseMeter {
 public:
  /// `root` is where /proc is looked for.
  explicit NoiseMeter(std::filesystem::path root = "/");

  /// What has come together since the start.
  [[nodiscard]] Noise noise() const;

 private:
  struct Counters {
    double steal_seconds = 0;
    double pressure_seconds = 0;
    std::uint64_t involuntary_switches = 0;
    std::uint64_t major_faults = 0;
  };
  [[nodiscard]] Counters now() const;

  std::filesystem::path root_;
  std::chrono::steady_clock::time_point start_;
  Counters before_;
};

}  // namespace assay::bench
