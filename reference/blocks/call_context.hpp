// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What all layers of one call share: its extents, which key each query sees, the rotary table, the padding mask.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/call.hpp"
#include "model/probe.hpp"
#include "model/tensor.hpp"
#include "reference/blocks/call_outputs.hpp"
#include "reference/ops/rope_frequencies.hpp"

namespace assay::reference {

/// Tokens of a row that follow each other.
struct TokenRange {
  std::size_t first = 0;
  std::size_t count = 0;
};

template <class T>
struct CallContext {
  std::size_t batch = 0;
  std::size_t length = 0;
  bool use_cache = false;
  bool continues = false;  ///< a cache, the engine's own or one that the caller hands over
  Tensor<std::uint8_t, 3> visible;   // [B, L, S]
  Tensor<T, 3> cos;                  // [1 or B, L, d]; empty without RoPE
  Tensor<T, 3> sin;                  // [1 or B, L, d]; empty without RoPE
  Tensor<std::uint8_t, 2> pad_mask;  // [B, L] for the Mamba layers; empty where it is not used
  std::vector<TokenRange> sequences;  ///< of each row, for the Mamba layers: one, or those that are packed
  CallOutputs<T> outputs;
};

/// How an architecture masks.
struct MaskRules {
  std::optional<std::size_t> sliding_window;
  bool packs_by_position = true;  ///< restarted position ids separate sequences (never in the hybrid)
};

/// position_ids, or past, past + 1, ... [1 or B, L].
[[nodiscard]] Tensor<std::int64_t, 2> positions_of(const Call& call, const Past& past);

/// The largest of these positions, plus 1: the length that frequencies depend on, over all sequences of the batch.
[[nodiscard]] std::int64_t rope_length(const Call& call, const Past& past);

/// Extents, visibility (transformers.masking_utils: causal, sliding window, packed sequences, padding) and the padding
/// mask of the Mamba layers (GraniteMoeHybridModel._update_mamba_mask).
template <class T>
[[nodiscard]] CallContext<T> make_context(const Call& call, const Past& past, const MaskRules& rules);

/// Shows the frequencies, fills the rotary table and shows it.
template <class T>
void add_rope(CallContext<T>& context, const Call& call, const Past& past, RopeFrequencies frequencies,
              const Probe& probe);

}  // namespace assay::reference
