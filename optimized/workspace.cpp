// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/workspace.hpp"

#include <algorithm>

namespace assay::optimized {

void Workspace::reserve(std::size_t bytes) {
  if (bytes <= buffer_.bytes().size()) return;
  buffer_ = AlignedBuffer();  // the old one first: they need not fit beside each other
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
