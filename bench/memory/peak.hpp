// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The kernel's own figure of the most memory that was resident, phase by phase.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/result/result.hpp"

namespace assay::bench {

class PeakMeter {
 public:
  /// What is resident now is the program's own, before there is anything to measure.
  PeakMeter();

  /// Sets the kernel's high-water mark back to what is resident (5 into /proc/self/clear_refs). A phase may begin and
  /// end several times.
  void begin();
  /// `explained` is what program and engine say they hold, beside program_bytes().
  void end(const std::string& phase, std::size_t explained);

  /// Phases in the order in which they first ended; of each the largest peak, and what was resident at that peak's end.
  [[nodiscard]] const std::vector<MemoryPhase>& phases() const { return phases_; }
  [[nodiscard]] std::size_t program_bytes() const { return program_bytes_; }
  /// Whether the kernel lets the mark be set back; else a peak is that of all phases before as well.
  [[nodiscard]] bool resets() const { return resets_; }

 private:
  std::size_t program_bytes_;
  bool resets_ = true;
  std::vector<MemoryPhase> phases_;
};

}  // namespace assay::bench
