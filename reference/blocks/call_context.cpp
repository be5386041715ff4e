// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/call_context.hpp"

#include <algorithm>
#include <vector>

#include "reference/ops/rope.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {
namespace {

/// The whole row, or the sequences that the caller has packed into it.
std::vector<TokenRange> sequences_of(const Call& call) {
  if (!call.packed) return {{0, call.length()}};
  std::vector<TokenRange> sequences;
  const auto& borders = call.packed->cu_seq_lens_q;
  for (std::size_t i = 1; i < borders.extent(0); ++i) {
    sequences.push_back({static_cast<std::size_t>(borders[i - 1]), static_cast<std::size_t>(borders[i] - borders[i - 1])});
  }
  return sequences;
}

/// The packed sequence that each token belongs to: that of seq_idx, or a new one wherever position ids do not go on by
/// one. transformers looks for the latter only where there is neither a mask nor a cache (masking_utils).
std::vector<std::size_t> segments(const Call& call, std::size_t row, const MaskRules& rules) {
  std::vector<std::size_t> segment(call.length(), 0);
  if (call.packed) {
    for (std::size_t l = 0; l < segment.size(); ++l) segment[l] = static_cast<std::size_t>(call.packed->seq_idx(0, l));
    return segment;
  }
  if (!rules.packs_by_position || !call.position_ids || call.attention_mask || call.use_cache) return segment;
  const View<const std::int64_t, 1> positions = (*call.position_ids)[call.position_ids->extent(0) == 1 ? 0 : row];
  for (std::size_t l = 1; l < segment.size(); ++l) {
    segment[l] = segment[l - 1] + (positions[l] == positions[l - 1] + 1 ? 0 : 1);
  }
  return segment;
}

/// Whether the caller's mask shows the token; a mask that is too short counts as zero.
bool unmasked(const Call& call, std::size_t row, std::size_t position) {
  if (!call.attention_mask) return true;
  return position < call.attention_mask->extent(1) && (*call.attention_mask)(row, position) != 0;
}

Tensor<std::uint8_t, 3> visible_keys(const Call& call, std::size_t past, const MaskRules& rules) {
  const std::size_t batch = call.batch();
  const std::size_t length = call.length();
  const std::size_t window = rules.sliding_window.value_or(past + length);
  // A sliding-window cache keeps the last window - 1 keys.
  const std::size_t dropped = rules.sliding_window && past + 1 > window ? past + 1 - window : 0;
  Tensor<std::uint8_t, 3> visible({batch, length, past - dropped + length});
  for (std::size_t b = 0; b < batch; ++b) {
    const std::vector<std::size_t> segment = segments(call, b, rules);
    for (std::size_t l = 0; l < length; ++l) {
      const std::size_t query = past + l;
      for (std::size_t key = dropped; key <= query; ++key) {
        const bool in_window = key + window > query;
        const bool same_segment = key < past || segment[key - past] == segment[l];
        visible(b, l, key - dropped) = in_window && same_segment && unmasked(call, b, key) ? 1 : 0;
      }
    }
  }
  return visible;
}

/// Used iff a mask is given, the call has several tokens, and some entry of the mask is 0; then the last columns of
/// the mask as it is given, also where it is too short for its past (create_recurrent_attention_mask).
Tensor<std::uint8_t, 2> pad_mask(const Call& call) {
  const std::size_t length = call.length();
  if (!call.attention_mask || length == 1) return {};
  if (std::ranges::all_of(call.attention_mask->flat(), [](std::int64_t value) { return value == 1; })) return {};
  const std::size_t width = call.attention_mask->extent(1);
  const std::size_t first = width > length ? width - length : 0;
  Tensor<std::uint8_t, 2> mask({call.batch(), length});
  for (std::size_t b = 0; b < mask.extent(0); ++b) {
    for (std::size_t l = 0; l < length; ++l) mask(b, l) = unmasked(call, b, first + l) ? 1 : 0;
  }
  return mask;
}

}  // namespace

Tensor<std::int64_t, 2> positions_of(const Call& call, const Past& past) {
  const std::size_t length = call.length();
  Tensor<std::int64_t, 2> positions({call.position_ids ? call.position_ids->extent(0) : 1, length});
  for (std::size_t row = 0; row < positions.extent(0); ++row) {
    for (std::size_t l = 0; l < length; ++l) {
      positions(row, l) = call.position_ids ? (*call.position_ids)(row, l) : static_cast<std::int64_t>(past.tokens + l);
    }
  }
  return positions;
}

std::int64_t rope_length(const Call& call, const Past& past) {
  return std::ranges::max(positions_of(call, past).view().flat()) + 1;
}

template <class T>
CallContext<T> make_context(const Call& call, const Past& past, const MaskRules& rules) {
  CallContext<T> context;
  context.batch = call.batch();
  context.length = call.length();
  context.use_cache = call.use_cache;
  context.continues = call.continues || call.past_key_values != nullptr;
  context.visible = visible_keys(call, past.tokens, rules);
  context.pad_mask = pad_mask(call);
  context.sequences = sequences_of(call);
  context.outputs = CallOutputs<T>(call);
  return context;
}

template <class T>
void add_rope(CallContext<T>& context, const Call& call, const Past& past, RopeFrequencies frequencies,
              const Probe& probe) {
  const View<float, 1> inv_freq(frequencies.inv_freq.data(), {frequencies.inv_freq.size()});
  probe(Site::rope_inv_freq, inv_freq);
  const std::size_t head_dim = 2 * inv_freq.extent(0);
  const Tensor<std::int64_t, 2> positions = positions_of(call, past);
  context.cos = Tensor<T, 3>({positions.extent(0), context.length, head_dim});
  context.sin = Tensor<T, 3>({positions.extent(0), context.length, head_dim});
  rope_table<T>(positions.view(), inv_freq, frequencies.attention_factor, context.cos.view(), context.sin.view());
  probe(Site::rope_cos, context.cos.view());
  probe(Site::rope_sin, context.sin.view());
}

template CallContext<float> make_context<float>(const Call&, const Past&, const MaskRules&);
template CallContext<double> make_context<double>(const Call&, const Past&, const MaskRules&);
template CallContext<Gauged> make_context<Gauged>(const Call&, const Past&, const MaskRules&);
template void add_rope<float>(CallContext<float>&, const Call&, const Past&, RopeFrequencies, const Probe&);
template void add_rope<double>(CallContext<double>&, const Call&, const Past&, RopeFrequencies, const Probe&);
template void add_rope<Gauged>(CallContext<Gauged>&, const Call&, const Past&, RopeFrequencies, const Probe&);

}  // namespace assay::reference
