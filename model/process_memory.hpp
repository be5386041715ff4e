// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the process holds, as Linux counts it.
#pragma once

#include <cstddef>

namespace assay {

struct ProcessMemory {
  std::size_t peak_rss_bytes = 0;   ///< VmHWM: high-water mark, pages of mapped files included
  std::size_t rss_bytes = 0;        ///< VmRSS: the same now
  std::size_t anonymous_bytes = 0;  ///< RssAnon: what the program allocated itself, now
};

/// Zeros where /proc/self/status cannot be read.
[[nodiscard]] ProcessMemory process_memory();

}  // namespace assay
