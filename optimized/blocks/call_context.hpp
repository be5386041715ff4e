// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What all layers of one call share: its extents, which key each query sees, the rotary table, the padding mask, the
// memory for what is computed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "model/call.hpp"
#include "optimized/blis/matmul.hpp"
#include "optimized/blocks/rotary_embedding.hpp"
#include "optimized/blocks/show.hpp"
#include "optimized/ops/load_balancing.hpp"
#include "optimized/ops/visibility.hpp"
#include "optimized/rows.hpp"
#include "optimized/threads.hpp"
#include "optimized/workspace.hpp"

namespace assay::optimized {

/// What the memory for a call depends on.
struct CallExtents {
  std::size_t batch = 0;
  std::size_t length = 0;  ///< L
  std::size_t past = 0;    ///< tokens seen before
  bool use_cache = false;
  std::size_t logits = 0;     ///< tokens of a row whose logits are wanted
  std::size_t sequences = 1;  ///< packed in a row

  [[nodiscard]] std::size_t tokens() const { return batch * length; }
};

[[nodiscard]] CallExtents extents_of(const Call& call, const Past& past);

/// The memory of masks and rotary table, for any call of the extents.
struct CallTables {
  std::uint8_t* key_mask = nullptr;    // [B, S]
  std::uint32_t* segments = nullptr;   // [B, L]
  std::uint8_t* pad_mask = nullptr;    // [B * L]
  std::int64_t* positions = nullptr;   // [L or B * L]
  float* inv_freq = nullptr;           // [d / 2]
  float* cos = nullptr;                // [L or B * L, d]
  float* sin = nullptr;                // [L or B * L, d]
};

[[nodiscard]] CallTables take_tables(const CallExtents& extents, std::size_t head_dim, Slices& memory);

struct CallContext {
  CallExtents extents;
  bool continues = false;                 ///< a cache, whoever filled it
  std::span<const std::int64_t> cu_seq_lens{};  ///< [sequences + 1] of packed sequences; empty where there are none
  const Threads& threads;
  Slices& memory;
  float* matmul_scratch = nullptr;
  Visibility visibility{};
  Rows<float> cos{};                       // [L or B * L, d]; no rows without RoPE
  Rows<float> sin{};                       // [L or B * L, d]
  const std::uint8_t* pad_mask = nullptr;  // [B * L] for the Mamba layers, 0: padding; null where it is not used
  LoadBalancing* load_balancing = nullptr;  ///< null where nobody looks at aux_loss

  void multiply(std::span<const blis::MatmulTask> tasks) const { blis::matmul(tasks, matmul_scratch, threads); }
  void multiply(const blis::MatmulTask& task) const { multiply(std::span(&task, 1)); }
};

/// Which keys are seen, and the pad mask (create_recurrent_attention_mask): used iff a mask is given, the call has
/// several tokens, and some entry of the mask is 0; then its last L columns.
void add_masks(CallContext& context, const Call& call, const Past& past, const VisibilityRules& rules,
               const CallTables& tables);

/// The largest position id of the call, plus 1: the length that frequencies depend on, over all sequences of the batch.
[[nodiscard]] std::int64_t rope_length(const Call& call, const Past& past);

/// Shows the frequencies, fills the rotary table and shows it.
void add_rope(CallContext& context, const Call& call, const Past& past, const RopeFrequencies& frequencies,
              const CallTables& tables, const Show& show);

}  // namespace assay::optimized
