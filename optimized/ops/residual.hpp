// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The residual stream takes in a branch.
#pragma once

#include "optimized/rows.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized {

/// x += branch * multiplier. The multiplier (residual_multiplier of the Granite models) scales the branch alone.
void add_scaled(Rows<float> x,             // [T, D]
                Rows<const float> branch,  // [T, D]
                float multiplier, const Threads& threads);

}  // namespace assay::optimized
