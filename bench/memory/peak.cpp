// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/memory/peak.hpp"

#include <algorithm>
#include <fstream>

#include "model/process_memory.hpp"

namespace assay::bench {

PeakMeter::PeakMeter() : program_bytes_(process_memory().rss_bytes) {}

void PeakMeter::begin() {
  std::ofstream marks("/proc/self/clear_refs");
  marks << "5" << std::flush;
  resets_ = resets_ && marks.good();
}

void PeakMeter::end(const std::string& phase, std::size_t explained) {
  const ProcessMemory memory = process_memory();
  auto found = std::ranges::find(phases_, phase, &MemoryPhase::name);
  if (found == phases_.end()) found = phases_.insert(phases_.end(), {phase, 0, 0, 0});
  if (memory.peak_rss_bytes < found->peak_bytes) return;
  *found = {phase, memory.peak_rss_bytes, memory.rss_bytes, program_bytes_ + explained};
}

}  // namespace assay::bench
