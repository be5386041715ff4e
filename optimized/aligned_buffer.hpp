// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Memory for weights and working values: aligned to a cache line, in huge pages where the system has them.
#pragma once

#include <cstddef>
#include <span>

namespace assay::optimized {

/// Anonymous memory, all zero bits at first and not resident until it is touched.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  /// Throws Error where the system does not give so much.
  explicit AlignedBuffer(std::size_t bytes);
  AlignedBuffer(AlignedBuffer&& other) noexcept;
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept;
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;
  ~AlignedBuffer();

  [[nodiscard]] std::span<std::byte> bytes() const { return bytes_; }

  template <class T>
  [[nodiscard]] T* as() const {
    return reinterpret_cast<T*>(bytes_.data());
  }

 private:
  std::span<std::byte> bytes_;
};

}  // namespace assay::optimized
