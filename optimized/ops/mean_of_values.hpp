// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a query that sees nothing gets: eager attention adds the most negative finite number to each of its scores,
// which makes them equal, so its attention is uniform over all S keys.
#pragma once

#include <cstddef>

namespace assay::optimized {

void mean_of_values(const float* values,  // [S, d]
                    std::size_t keys, std::size_t head_dim,
                    float* mean);  // [d]

}  // namespace assay::optimized
