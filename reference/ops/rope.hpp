// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Rotary position embedding, given its frequencies: the table of GraniteMoeRotaryEmbedding and PhimoeRotaryEmbedding,
// and apply_rotary_pos_emb (transformers 5.23.0).
#pragma once

#include <cstdint>

#include "model/view.hpp"

namespace assay::reference {

/// cos and sin of position * inv_freq, times the attention factor. The angle is a float32 product in transformers at
/// every precision of the model, so it is one here; the cosine is then as precise as T. Both halves of a row are the
/// same.
template <class T>
void rope_table(View<const std::int64_t, 2> positions,    // [1 or B, L]
                View<const float, 1> inv_freq,            // [d/2]
                double attention_factor, View<T, 3> cos,  // [1 or B, L, d]
                View<T, 3> sin);                          // [1 or B, L, d]

/// Rotates each head: x' = x * cos + [-x(second half), x(first half)] * sin.
template <class T>
void apply_rope(View<const T, 4> x,    // [B, heads, L, d]
                View<const T, 3> cos,  // [1 or B, L, d]
                View<const T, 3> sin,  // [1 or B, L, d]
                View<T, 4> rotated);   // [B, heads, L, d]

}  // namespace assay::reference
