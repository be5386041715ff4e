// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Rotary position embedding, given its frequencies: the table of GraniteMoeRotaryEmbedding and PhimoeRotaryEmbedding,
// and apply_rotary_pos_emb (transformers 5.23.0).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "optimized/rows.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized {

/// cos and sin of position * inv_freq times the attention factor, both halves of a row the same. The angle is a float32
/// product, as in transformers; what is made of it is exact to a float32 rounding, however large it is.
void rope_table(std::span<const std::int64_t> positions,  // [n]
                std::span<const float> inv_freq,          // [d/2]
                double attention_factor,
                Rows<float> cos,  // [n, d]
                Rows<float> sin,  // [n, d]
                const Threads& threads);

/// Rotates each head in place: x' = x * cos + [-x(second half), x(first half)] * sin. Token t of the flattened batch
/// takes row t of a table that has a row for every token, else row t mod `length`: one table for all sequences.
void apply_rope(Rows<float> heads,      // [B*L, heads*d], in general columns of a wider matrix
                std::size_t head_dim,   // d
                Rows<const float> cos,  // [B*L or L, d]
                Rows<const float> sin,  // [B*L or L, d]
                std::size_t length,     // L
                const Threads& threads);

}  // namespace assay::optimized
