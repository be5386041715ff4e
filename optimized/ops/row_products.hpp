// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The two products of attention for a few queries, on keys and values as the cache has them: too few queries for a tile
// of the microkernel, and nothing is worth packing that is read once.
#pragma once

#include <cstddef>

namespace assay::optimized {

/// scores[r][key] = (queries[r] · keys[key]) * scale
void row_scores(const float* queries,  // [R, d]
                std::size_t rows,
                const float* keys,  // [n, d]
                std::size_t count, std::size_t head_dim, float scale,
                float* scores,  // [R, n], rows `stride` elements apart
                std::size_t stride);

/// out[r] = sum over keys of weights[r][key] * values[key]
void weighted_values(const float* weights,  // [R, n], rows `stride` elements apart
                     std::size_t stride, std::size_t rows,
                     const float* values,  // [n, d]
                     std::size_t count, std::size_t head_dim,
                     float* out);  // [R, d]

}  // namespace assay::optimized
