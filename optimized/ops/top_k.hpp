// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Granite routing: the k largest logits of a token, and a softmax over just those.
#pragma once

#include <cstdint>

#include "model/view.hpp"
#include "optimized/rows.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized {

/// The k largest logits of each token in descending order, by insertion into a sorted row of k; among equals the lowest
/// expert comes first.
void top_k(Rows<const float> logits,       // [T, E]
           View<std::int64_t, 2> experts,  // [T, k], k <= E
           const Threads& threads);

/// Softmax over the logits of the chosen experts only. GraniteMoeTopKGating.
void top_k_weights(Rows<const float> logits,             // [T, E]
                   View<const std::int64_t, 2> experts,  // [T, k], in any order
                   View<float, 2> weights,               // [T, k]
                   const Threads& threads);

}  // namespace assay::optimized
