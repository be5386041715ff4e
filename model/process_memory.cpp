// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/process_memory.hpp"

#include <fstream>
#include <string>

namespace assay {

ProcessMemory process_memory() {
  ProcessMemory memory;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    const auto bytes = [&](std::string_view key) { return std::stoull(line.substr(key.size())) * 1024; };
    if (line.starts_with("VmHWM:")) memory.peak_rss_bytes = bytes("VmHWM:");
    if (line.starts_with("VmRSS:")) memory.rss_bytes = bytes("VmRSS:");
    if (line.starts_with("RssAnon:")) memory.anonymous_bytes = bytes("RssAnon:");
  }
  return memory;
}

}  // namespace assay
