// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The inverse frequencies of every rope type and the factor of its cosines: ROPE_INIT_FUNCTIONS of
// modeling_rope_utils (transformers 5.23.0). Stateless; what remembers is blocks/rotary_embedding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/config/rope.hpp"

namespace assay::reference {

struct RopeFrequencies {
  std::vector<float> inv_freq;    // [d/2]
  double attention_factor = 1.0;  ///< cosines and sines are multiplied by it
};

/// inv_freq[i] = 1 / theta^(2i/d).
[[nodiscard]] std::vector<float> default_inv_freq(double theta, std::size_t head_dim);

/// What the function of rope.type gives for a sequence of `seq` positions (the largest position id plus 1), or without
/// a length, as when the model is built. Every step is rounded to float32 where torch computes it in float32, and is
/// a double where Python computes it. Only `dynamic` and `longrope` look at the length. Throws Error where a frequency
/// or the factor is not a finite number.
[[nodiscard]] RopeFrequencies rope_frequencies(const RopeConfig& rope, std::size_t head_dim,
                                               std::size_t max_position_embeddings,
                                               std::optional<std::int64_t> seq = std::nullopt);

}  // namespace assay::reference
