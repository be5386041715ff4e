// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blocks/call_context.hpp"

#include <algorithm>

#include "optimized/ops/rope.hpp"

namespace assay::optimized {

CallExtents extents_of(const Call& call, const Past& past) {
  return {.batch = call.batch(),
          .length = call.length(),
          .past = past.tokens,
          .use_cache = call.use_cache,
          .logits = call.kept_logits(),
          .sequences = call.packed ? call.packed->cu_seq_lens_q.extent(0) - 1 : 1};
}

CallTables take_tables(const CallExtents& extents, std::size_t head_dim, Slices& memory) {
  CallTables tables;
  tables.key_mask = memory.take<std::uint8_t>(extents.batch * (extents.past + extents.length));
  tables.segments = memory.take<std::uint32_t>(extents.tokens());
  tables.pad_mask = memory.take<std::uint8_t>(extents.tokens());
  tables.positions = memory.take<std::int64_t>(extents.tokens());
  tables.inv_freq = memory.take<float>(head_dim / 2);
  tables.cos = memory.take<float>(extents.tokens() * head_dim);
  tables.sin = memory.take<float>(extents.tokens() * head_dim);
  return tables;
}

void add_masks(CallContext& context, const Call& call, const Past& past, const VisibilityRules& rules,
               const CallTables& tables) {
  context.visibility = make_visibility(call, past, rules, tables.key_mask, tables.segments);

  const std::size_t length = context.extents.length;
  if (!call.attention_mask || length == 1) return;
  const View<const std::int64_t, 2>& mask = *call.attention_mask;
  if (std::ranges::find(mask.flat(), 0) == mask.flat().end()) return;
  // The last L columns of the mask as it is given, also where it is too short for its past; check_call saw to L.
  const std::size_t first = mask.extent(1) - std::min(mask.extent(1), length);
  for (std::size_t b = 0; b < context.extents.batch; ++b) {
    for (std::size_t l = 0; l < length; ++l) {
      const bool shown = first + l < mask.extent(1) && mask(b, first + l) != 0;
      tables.pad_mask[b * length + l] = shown ? 1 : 0;
    }
  }
  context.pad_mask = tables.pad_mask;
}

std::int64_t rope_length(const Call& call, const Past& past) {
  if (call.position_ids) return std::ranges::max(call.position_ids->flat()) + 1;
  return static_cast<std::int64_t>(past.tokens + call.length());
}

void add_rope(CallContext& context, const Call& call, const Past& past, const RopeFrequencies& frequencies,
              const CallTables& tables, const Show& show) {
  const std::size_t length = context.extents.length;
  const std::size_t rows = call.position_ids ? call.position_ids->extent(0) : 1;
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t l = 0; l < length; ++l) {
      tables.positions[row * length + l] =
          call.position_ids ? (*call.position_ids)(row, l) : static_cast<std::int64_t>(past.tokens + l);
    }
  }
  // A copy: what is shown may be replaced, for this call alone.
  const std::span<float> inv_freq(tables.inv_freq, frequencies.inv_freq.size());
  std::ranges::copy(frequencies.inv_freq, inv_freq.begin());
  const std::size_t head_dim = 2 * inv_freq.size();
  show(Site::rope_inv_freq, View<float, 1>(inv_freq.data(), {inv_freq.size()}));

  context.cos = dense(tables.cos, rows * length, head_dim);
  context.sin = dense(tables.sin, rows * length, head_dim);
  rope_table({tables.positions, rows * length}, inv_freq, frequencies.attention_factor, context.cos, context.sin,
             context.threads);
  show(Site::rope_cos, View<float, 3>(tables.cos, {rows, length, head_dim}));
  show(Site::rope_sin, View<float, 3>(tables.sin, {rows, length, head_dim}));
}

}  // namespace assay::optimized
