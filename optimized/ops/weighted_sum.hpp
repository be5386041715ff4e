// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the experts of a token gave, weighted and added.
#pragma once

#include <cstdint>

#include "model/view.hpp"
#include "optimized/rows.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized {

/// out[t] = sum over slots s, in their order, of weights[t, s] * expert_out[row_of[t, s]].
void combine_experts(Rows<const float> expert_out,         // [N, D], sorted by expert
                     View<const std::uint32_t, 2> row_of,  // [T, k]: the row of expert_out that each slot made
                     View<const float, 2> weights,         // [T, k]
                     Rows<float> out,                      // [T, D]
                     const Threads& threads);

}  // namespace assay::optimized
