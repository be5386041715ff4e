// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/aligned_buffer.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <utility>

#include "model/error.hpp"

namespace assay::optimized {
namespace {

/// Below this a huge page would be mostly empty.
constexpr std::size_t huge_page_bytes = std::size_t{2} << 20;

/// Readable beyond the end: BLIS's haswell microkernel loads one row past its wide panel before it stops, a fault where
/// the panel ends with its pages and nothing is mapped behind them.
constexpr std::size_t slack_bytes = 4096;

}  // namespace

AlignedBuffer::AlignedBuffer(std::size_t bytes) {
  if (bytes == 0) return;
  void* memory = mmap(nullptr, bytes + slack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw Error(fmt::format("memory: expected {:.2f} GiB in one piece, the system gives less",
                            static_cast<double>(bytes) / (1024.0 * 1024.0 * 1024.0)));
  }
  // Fewer page faults while packing and fewer misses of the address cache while streaming; only a hint.
  if (bytes >= 2 * huge_page_bytes) madvise(memory, bytes, MADV_HUGEPAGE);
  bytes_ = {static_cast<std::byte*>(memory), bytes};
}

AlignedBuffer::AlignedBuffer(AlignedBuffer&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

AlignedBuffer& AlignedBuffer::operator=(AlignedBuffer&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

AlignedBuffer::~AlignedBuffer() {
  if (!bytes_.empty()) munmap(bytes_.data(), bytes_.size() + slack_bytes);
}

}  // namespace assay::optimized
