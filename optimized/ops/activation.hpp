// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The gate of an MLP. One thread: callers have a tile or a block of rows in cache and are parallel themselves.
#pragma once

#include <cstddef>

#include "optimized/rows.hpp"

namespace assay::optimized {

/// out = silu(gate) * up, silu(x) = x / (1 + exp(-x)) as torch.nn.functional.silu. `out` may be `gate` or `up`.
void silu_and_multiply(const float* gate,  // [count]
                       const float* up,    // [count]
                       float* out,         // [count]
                       std::size_t count);

/// The same for a block of rows, the instruction set chosen once.
void silu_and_multiply(Rows<const float> gate,  // [T, I]
                       Rows<const float> up,    // [T, I]
                       Rows<float> out);        // [T, I]

}  // namespace assay::optimized
