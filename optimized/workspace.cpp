// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/workspace.hpp"

#include <algorithm>
#include <limits>

namespace assay::optimized {

void Workspace::begin(std::size_t bytes) {
  used_ = 0;
  if (bytes > buffer_.bytes().size()) {
    buffer_ = AlignedBuffer();  // the old one first: they need not fit beside each other
    buffer_ = AlignedBuffer(padded(bytes));
  }
  if (poison_ == Poison::yes) {
    // All bits set is a NaN as float and as double, and no sane integer.
    std::ranges::fill(buffer_.bytes(), std::byte{0xFF});
  }
}

}  // namespace assay::optimized
