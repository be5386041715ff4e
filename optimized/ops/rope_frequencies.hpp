// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The inverse frequencies of every rope type and the factor of its cosines: ROPE_INIT_FUNCTIONS of
// modeling_rope_utils (transformers 5.23.0). Stateless; what remembers is blocks/rotary_embedding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "model/config/rope.hpp"

namespace assay::optimized {

/// inv_freq[i] = 1 / theta^(2i/d).
void default_inv_freq(double theta,
                      std::span<float> inv_freq);  // [d/2]

/// What the function of rope.type gives for a sequence of `seq` positions (the largest position id plus 1), or without
/// a length, as when the model is built. What torch computes in float32 is rounded as torch rounds it, step by step;
/// only `dynamic` and `longrope` look at the length. Returns the factor of cosines and sines. Does not allocate.
/// Throws Error where a frequency or the factor is not a finite number.
double rope_frequencies(const RopeConfig& rope, std::size_t max_position_embeddings, std::optional<std::int64_t> seq,
                        std::span<float> inv_freq);  // [d/2]

}  // namespace assay::optimized
