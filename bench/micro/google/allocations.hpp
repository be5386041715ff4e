// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What calls take of memory while Google Benchmark asks: every `operator new` and every mapping that our own code makes
// (an AlignedBuffer is one). The programs are linked with --wrap=mmap and --wrap=munmap. What shared libraries map or
// allocate with malloc does not count.
#pragma once

#include <benchmark/benchmark.h>

namespace assay::bench::micro {

/// Counts from here to its end, in whatever thread. One at a time.
class AllocationWindow {
 public:
  AllocationWindow();
  AllocationWindow(const AllocationWindow&) = delete;
  AllocationWindow& operator=(const AllocationWindow&) = delete;
  ~AllocationWindow();
};

/// Reports what the windows between Start and Stop have seen: allocs_per_iter and max_bytes_used, the most that was
/// live beyond what was there at their beginning.
class AllocationManager final : public benchmark::MemoryManager {
 public:
  void Start() override;
  void Stop(Result& result) override;
  void Stop(Result* result) override;
};

}  // namespace assay::bench::micro
