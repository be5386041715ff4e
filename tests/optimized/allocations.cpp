// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/optimized/allocations.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>

namespace assay::test {
namespace {

std::atomic<std::size_t> allocations = 0;

}  // namespace

std::size_t heap_allocations() { return allocations; }

std::size_t mapped_pages() {
  // Without a stream, which would allocate.
  std::array<char, 64> text{};
  const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  const bool was_read = ::read(file, text.data(), text.size() - 1) > 0;
  ::close(file);
  return was_read ? std::strtoull(text.data(), nullptr, 10) : 0;
}

}  // namespace assay::test

// The forms for arrays call these; the one without exceptions does so, too, but not under the address sanitizer.

void* operator new(std::size_t bytes) {
  ++assay::test::allocations;
  void* const memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  ++assay::test::allocations;
  return std::malloc(bytes == 0 ? 1 : bytes);
}

void* operator new(std::size_t bytes, std::align_val_t alignment) {
  ++assay::test::allocations;
  const auto line = static_cast<std::size_t>(alignment);
  void* const memory = std::aligned_alloc(line, (bytes + line - 1) / line * line);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
