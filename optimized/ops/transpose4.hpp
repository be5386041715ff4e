// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Four rows at a time between a matrix and a panel that has its columns in memory order. Element by
// element, packing and unpacking were a sixth of a call of 512 tokens; by squares of four they are a sixteenth.
#pragma once

#include <array>
#include <cstddef>

namespace assay::optimized {

/// panel[i * stride + r] = rows[r][i] for r = 0 to 3
void interleave_four(const std::array<const float*, 4>& rows,  // [4][length]
                     std::size_t length,
                     float* panel,  // [length, 4], rows `stride` elements apart
                     std::size_t stride);

/// rows[r][i] = panel[i * stride + r] / divisors[r] for r = 0 to 3
void separate_four_divided(const float* panel,  // [length, 4], rows `stride` elements apart
                           std::size_t stride, std::size_t length,
                           const float* divisors,               // [4]
                           const std::array<float*, 4>& rows);  // [4][length]

}  // namespace assay::optimized
