// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Memory for the values of one call: grown before the call, handed out in slices during it, never allocated within.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

#include "optimized/aligned_buffer.hpp"

namespace assay::optimized {

/// Whether what a call leaves behind is overwritten with NaN before the next: a value that is read before it is
/// written then spoils the logits, and tests see it.
enum class Poison { no, yes };

class Workspace {
 public:
  explicit Workspace(Poison poison) : poison_(poison) {}

  /// Begins a call that takes up to `bytes`; everything handed out before is void. Grows if it must, throws Error.
  void begin(std::size_t bytes);

  /// The next `count` elements, aligned to a cache line, undefined. All of them together stay within what begin() was
  /// told.
  template <class T>
  [[nodiscard]] T* take(std::size_t count) {
    std::byte* start = buffer_.bytes().data() + used_;
    used_ += padded(count * sizeof(T));
    assert(used_ <= buffer_.bytes().size() && "begin() was told how much is taken");
    return reinterpret_cast<T*>(start);
  }

  /// Gives back everything taken since; for buffers that live for one layer.
  [[nodiscard]] std::size_t mark() const { return used_; }
  void release(std::size_t mark) { used_ = mark; }

  [[nodiscard]] std::size_t bytes() const { return buffer_.bytes().size(); }

  /// What take<T>(count) uses up.
  template <class T>
  [[nodiscard]] static std::size_t cost(std::size_t count) {
    return padded(count * sizeof(T));
  }

 private:
  static constexpr std::size_t line_bytes = 64;
  [[nodiscard]] static std::size_t padded(std::size_t bytes) {
    return (bytes + line_bytes - 1) / line_bytes * line_bytes;
  }

  Poison poison_;
  AlignedBuffer buffer_;
  std::size_t used_ = 0;
};

}  // namespace assay::optimized
