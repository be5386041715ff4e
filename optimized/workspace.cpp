// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/workspace.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/error.hpp"
#include "optimized/memory.hpp"

namespace assay::optimized {

void Workspace::reserve(std::size_t bytes) {
  if (bytes <= buffer_.bytes().size()) return;
  buffer_ = AlignedBuffer();  // the old one first: they need not fit beside each other
  if (const std::size_t available = available_bytes(); bytes > available) {
    throw Error(fmt::format("workspace: expected {} for the values of one call, found {} available; take fewer tokens",
                            gibibytes(bytes), gibibytes(available)));
  }
  buffer_ = AlignedBuffer(bytes);
}

Slices Workspace::begin(std::size_t bytes) {
  reserve(bytes);
  if (poison_ == Poison::yes) {
    // All bits set is a NaN as float and as double, and no sane integer.
    std::ranges::fill(buffer_.bytes(), std::byte{0xFF});
  }
  return Slices(buffer_.bytes().data());
}

}  // namespace assay::optimized
