// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Memory for the values of one call: sized before the call, handed out in slices during it, never allocated within.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "optimized/aligned_buffer.hpp"

namespace assay::optimized {

/// Hands out slices of memory one behind the other, each on a cache line. The code that takes slices for a call is also
/// the code that tells beforehand how much it will take: it is run once on no memory at all.
class Slices {
 public:
  /// Measures: what it hands out must not be touched.
  Slices() = default;
  explicit Slices(std::byte* memory) : start_(reinterpret_cast<std::uintptr_t>(memory)) {}

  /// `count` elements, undefined.
  template <class T>
  [[nodiscard]] T* take(std::size_t count) {
    const std::uintptr_t slice = start_ + used_;
    used_ += (count * sizeof(T) + line_bytes - 1) / line_bytes * line_bytes;
    peak_ = std::max(peak_, used_);
    return reinterpret_cast<T*>(slice);
  }

  /// Everything taken since mark() is free again after release().
  [[nodiscard]] std::size_t mark() const { return used_; }
  void release(std::size_t mark) { used_ = mark; }

  /// Bytes that were in use at once.
  [[nodiscard]] std::size_t peak() const { return peak_; }

 private:
  static constexpr std::size_t line_bytes = 64;

  std::uintptr_t start_ = 0;
  std::size_t used_ = 0;
  std::size_t peak_ = 0;
};

/// Whether what a call leaves behind is overwritten with NaN before the next: a value that is read before it is
/// written then spoils the logits, and tests see it.
enum class Poison { no, yes };

class Workspace {
 public:
  explicit Workspace(Poison poison) : poison_(poison) {}

  /// Grows to `bytes` if it is smaller. Throws Error.
  void reserve(std::size_t bytes);

  /// Begins a call that takes up to `bytes`; everything handed out before is void. Throws Error where it must grow and
  /// cannot.
  [[nodiscard]] Slices begin(std::size_t bytes);

  [[nodiscard]] std::size_t bytes() const { return buffer_.bytes().size(); }

 private:
  Poison poison_;
  AlignedBuffer buffer_;
};

}  // namespace assay::optimized
