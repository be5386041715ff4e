// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/google/allocations.hpp"

#include <malloc.h>
#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace assay::bench::micro {
namespace {

struct Counters {
  std::atomic<bool> counting{false};
  std::atomic<std::int64_t> allocations{0};
  std::atomic<std::int64_t> live_bytes{0};
  std::atomic<std::int64_t> most_bytes{0};
};

/// Those of the process, as there is one operator new.
constinit Counters counters;

void taken(std::size_t bytes) {
  if (!counters.counting) return;
  ++counters.allocations;
  const std::int64_t live = counters.live_bytes += static_cast<std::int64_t>(bytes);
  std::int64_t most = counters.most_bytes;
  while (live > most && !counters.most_bytes.compare_exchange_weak(most, live)) {
  }
}

void given_back(std::size_t bytes) {
  if (counters.counting) counters.live_bytes -= static_cast<std::int64_t>(bytes);
}

void* counted(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  taken(malloc_usable_size(memory));
  return memory;
}

void release(void* memory) {
  if (memory != nullptr) given_back(malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

AllocationWindow::AllocationWindow() { counters.counting = true; }
AllocationWindow::~AllocationWindow() { counters.counting = false; }

void AllocationManager::Start() {
  counters.allocations = 0;
  counters.live_bytes = 0;
  counters.most_bytes = 0;
}

void AllocationManager::Stop(Result& result) {
  result.num_allocs = counters.allocations;
  result.max_bytes_used = counters.most_bytes;
}

void AllocationManager::Stop(Result* result) { Stop(*result); }

}  // namespace assay::bench::micro

// The forms for arrays, and those without exceptions, call these.

void* operator new(std::size_t bytes) { return assay::bench::micro::counted(std::malloc(bytes == 0 ? 1 : bytes)); }

void* operator new(std::size_t bytes, std::align_val_t alignment) {
  const auto line = static_cast<std::size_t>(alignment);
  return assay::bench::micro::counted(std::aligned_alloc(line, (bytes + line - 1) / line * line));
}

void operator delete(void* memory) noexcept { assay::bench::micro::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { assay::bench::micro::release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { assay::bench::micro::release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { assay::bench::micro::release(memory); }

// The linker's names for the function that is wrapped and for what wraps it.
extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier)
void* __real_mmap(void* address, std::size_t bytes, int protection, int flags, int file, off_t offset);
int __real_munmap(void* address, std::size_t bytes);

void* __wrap_mmap(void* address, std::size_t bytes, int protection, int flags, int file, off_t offset) {
  void* const memory = __real_mmap(address, bytes, protection, flags, file, offset);
  if (memory != MAP_FAILED) assay::bench::micro::taken(bytes);
  return memory;
}

int __wrap_munmap(void* address, std::size_t bytes) {
  assay::bench::micro::given_back(bytes);
  return __real_munmap(address, bytes);
}
// NOLINTEND(bugprone-reserved-identifier)
}
