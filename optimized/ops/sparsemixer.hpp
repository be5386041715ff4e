// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// PhiMoE routing at inference: PhimoeTopKRouter and sparsemixer (transformers 5.23.0, models/phimoe).
#pragma once

#include <cstdint>

#include "model/view.hpp"
#include "optimized/rows.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized {

/// The largest and the second largest score of each token; among equals the lowest expert comes first.
void sparsemixer_experts(Rows<const float> scores,       // [T, E]
                         View<std::int64_t, 2> experts,  // [T, 2]
                         const Threads& threads);

/// The weights of the two experts, from two different softmaxes that are not renormalised. The first runs over the
/// experts e with (m - s_e) / max(|s_e|, m) <= 2 * jitter, m being the largest score; the second leaves the first
/// expert out and takes the largest remaining score as m. The band is decided in float32, as torch decides it.
void sparsemixer_weights(Rows<const float> scores,               // [T, E]
                         View<const std::int64_t, 2> experts,    // [T, 2]
                         double jitter, View<float, 2> weights,  // [T, 2]
                         const Threads& threads);

}  // namespace assay::optimized
