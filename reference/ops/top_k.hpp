// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Granite routing: the k largest logits of a token, and a softmax over just those.
#pragma once

#include <cstdint>

#include "model/view.hpp"

namespace assay::reference {

/// The k largest logits by repeated maximum, in descending order; among equals the lowest expert wins.
template <class T>
void top_k(View<const T, 1> logits,         // [E]
           View<std::int64_t, 1> experts);  // [k]

/// Softmax over the logits of the chosen experts only. GraniteMoeTopKGating.
template <class T>
void top_k_weights(View<const T, 1> logits,              // [E]
                   View<const std::int64_t, 1> experts,  // [k]
                   View<T, 1> weights);                  // [k]

}  // namespace assay::reference
