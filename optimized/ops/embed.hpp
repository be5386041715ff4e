// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Rows of the embedding table, or of what a caller gives instead.
#pragma once

#include <cstdint>
#include <span>

#include "model/tensor_source.hpp"
#include "optimized/rows.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized {

/// x[t] = table[ids[t]] * multiplier: the table widened to float32, then one float32 product, as in transformers
/// (embedding_multiplier of the Granite models; 1 elsewhere). Ids are rows of the table; throws Error if the table is
/// not of a floating-point type.
void embed(std::span<const std::int64_t> ids,  // [T]
           const StoredTensor& table,          // [V, D], bytes not aligned
           float multiplier,
           Rows<float> x,  // [T, D]
           const Threads& threads);

/// x[t] = inputs_embeds[t] * multiplier: what a caller gives instead of ids is scaled like rows of the table.
void embed(std::span<const float> inputs_embeds,  // [T * D]
           float multiplier,
           Rows<float> x,  // [T, D]
           const Threads& threads);

}  // namespace assay::optimized
