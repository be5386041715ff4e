// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// One call of a golden or a dump: its arguments, how it is read and how it is written (golden/FORMAT.md, Calls).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/call.hpp"
#include "model/config/config.hpp"
#include "model/files/hdf5.hpp"
#include "model/ids.hpp"
#include "model/past_key_values.hpp"
#include "model/site_plan.hpp"
#include "model/tensor.hpp"

namespace assay::golden {

/// What a Call's PackedSequences borrow.
struct RecordedPacking {
  Tensor<std::int64_t, 2> seq_idx;        // [1, L]
  Tensor<std::int64_t, 1> cu_seq_lens_q;  // [sequences + 1]
  Tensor<std::int64_t, 1> cu_seq_lens_k;  // [sequences + 1]
  std::int64_t max_length_q = 0;
  std::int64_t max_length_k = 0;
};

/// The arguments that a call owns, what it expects of the cache, and the sites that it has. The members are those of
/// Call.
struct RecordedCall {
  Tensor<std::int64_t, 2> input_ids;                      // [B, L]; empty where inputs_embeds are given
  std::optional<Tensor<float, 3>> inputs_embeds;          // [B, L, D]
  std::optional<Tensor<std::int64_t, 2>> attention_mask;  // [B, up to past + L]
  std::optional<Tensor<std::int64_t, 2>> position_ids;    // [1 or B, L]
  std::optional<RecordedPacking> packed;
  std::optional<PastKeyValues> past_key_values;
  std::optional<Tensor<std::int64_t, 1>> logits_positions;  // [n]
  std::optional<Tensor<std::int64_t, 2>> labels;            // [B, L]; of a classification [B, 1]
  std::optional<Tensor<float, 2>> float_labels;             // [B, num_labels]
  std::optional<std::int64_t> num_items_in_batch;
  std::size_t logits_to_keep = 0;
  bool output_hidden_states = false;
  bool output_attentions = false;
  bool output_router_logits = false;
  bool use_cache = false;
  bool continues = false;  ///< the cache of the call before
  std::size_t past = 0;    ///< tokens in the cache that it goes on with
  std::vector<PlannedSite> sites;

  /// The call as an engine takes it; borrows from this.
  [[nodiscard]] Call call() const;

  /// Whether attention_mask marks the token as padding: it counts from the first token of the cache on; where it is
  /// shorter than what is seen, 0 follows, as create_causal_mask (transformers 5.23.0, masking_utils.py) pads it.
  [[nodiscard]] bool is_padding(std::size_t row, std::size_t token) const {
    if (!attention_mask) return false;
    const std::size_t column = past + token;
    return column >= attention_mask->extent(1) || (*attention_mask)(row, column) == 0;
  }

  [[nodiscard]] std::size_t batch() const { return inputs_embeds ? inputs_embeds->extent(0) : input_ids.extent(0); }
  /// L, the tokens of a row.
  [[nodiscard]] std::size_t length() const { return inputs_embeds ? inputs_embeds->extent(1) : input_ids.extent(1); }
};

/// What may stand in `inputs`.
[[nodiscard]] std::span<const std::string_view> input_names();

/// Reads call `index` of a file and checks that it may be made to a model with this config; `before` is the call before
/// it, null for the first. Throws Error.
[[nodiscard]] RecordedCall read_call(const Hdf5Reader& reader, const Config& config, CallIndex index,
                                     const RecordedCall* before);

/// Writes the attributes and inputs of call `index`, as they were read.
void write_call(Hdf5Writer& writer, CallIndex index, const RecordedCall& call);

}  // namespace assay::golden
