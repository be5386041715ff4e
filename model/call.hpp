// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// One forward call as a caller of transformers makes it, and the check of what came from outside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/config/config.hpp"
#include "model/past_key_values.hpp"
#include "model/view.hpp"

namespace assay {

/// Several sequences in one row without padding, as transformers' DataCollatorWithFlattening hands them to a hybrid:
/// convolution, scan and attention start afresh at every border.
struct PackedSequences {
  View<const std::int64_t, 2> seq_idx;        ///< [1, L]: the sequence of each token, 0, 0, 1, 1, 1, ...
  View<const std::int64_t, 1> cu_seq_lens_q;  ///< [sequences + 1]: 0, the end of each sequence; the last is L
  View<const std::int64_t, 1> cu_seq_lens_k;  ///< the same
  std::int64_t max_length_q = 0;              ///< tokens of the longest sequence
  std::int64_t max_length_k = 0;              ///< the same
};

/// A label that asks for no prediction: ignore_index of torch's cross_entropy.
inline constexpr std::int64_t no_target = -100;

/// The arguments of ForCausalLM.forward, of the bare Model, or of ForSequenceClassification. Views are valid during the
/// call. Either input_ids or inputs_embeds is given.
struct Call {
  View<const std::int64_t, 2> input_ids;                      ///< [B, L]; no elements where inputs_embeds are given
  std::optional<View<const float, 3>> inputs_embeds;          ///< [B, L, D], before embedding_multiplier
  std::optional<View<const std::int64_t, 2>> attention_mask;  ///< [B, up to past + L] of 0 and 1; none: all ones
  std::optional<View<const std::int64_t, 2>> position_ids;    ///< [1 or B, L]; none: past, past + 1, ...
  std::optional<PackedSequences> packed;                      ///< hybrid only, without mask and cache
  bool use_cache = false;
  bool continues = false;                                       ///< go on with the cache of the call before
  const PastKeyValues* past_key_values = nullptr;               ///< go on with this cache instead; borrowed
  std::size_t logits_to_keep = 0;                               ///< logits of the last so many tokens only; 0: of all
  std::optional<View<const std::int64_t, 1>> logits_positions;  ///< [n]: of these tokens, from -L to L - 1
  std::optional<View<const std::int64_t, 2>> labels;            ///< [B, L], or no_target; of a classification [B, 1]
  std::optional<View<const float, 2>> float_labels;  ///< [B, num_labels], of a classification that is not by class
  std::optional<std::int64_t> num_items_in_batch;    ///< the loss is the sum of its terms over this
  bool output_hidden_states = false;                 ///< show Site::hidden_states
  bool output_attentions = false;                    ///< show Site::attentions
  bool output_router_logits = false;                 ///< show Site::aux_loss, and add it to the loss

  [[nodiscard]] std::size_t batch() const { return inputs_embeds ? inputs_embeds->extent(0) : input_ids.extent(0); }
  /// L, the tokens of a row.
  [[nodiscard]] std::size_t length() const { return inputs_embeds ? inputs_embeds->extent(1) : input_ids.extent(1); }
  [[nodiscard]] bool has_labels() const { return labels.has_value() || float_labels.has_value(); }
  /// Tokens of a row whose logits are wanted.
  [[nodiscard]] std::size_t kept_logits() const {
    if (logits_positions) return logits_positions->extent(0);
    return logits_to_keep == 0 ? length() : logits_to_keep;
  }
  /// The token of a row whose logits stand at `place` among the kept ones.
  [[nodiscard]] std::size_t kept_token(std::size_t place) const {
    if (!logits_positions) return length() - kept_logits() + place;
    const std::int64_t position = (*logits_positions)[place];
    return static_cast<std::size_t>(position < 0 ? position + static_cast<std::int64_t>(length()) : position);
  }
};

/// What an engine remembers of a sequence of calls.
struct Past {
  std::size_t batch = 0;   ///< 0: no cache
  std::size_t tokens = 0;  ///< seen so far, also those that a sliding window has dropped
};

/// Whether calls may use a cache. A hybrid without attention layers may not, nor a PhiMoE with a sliding_window of 1:
/// transformers raises there, or keeps another cache than it needs.
[[nodiscard]] bool can_cache(const Config& config);

/// What a call goes on from: its own past_key_values, or `past` if it continues, or nothing.
[[nodiscard]] Past past_of(const Call& call, const Past& past);

/// Throws Error where transformers would fail or give a meaningless number: both or neither of input_ids and
/// inputs_embeds, ids outside the vocabulary, a mask, positions, labels or embeddings of another shape, more logits to
/// keep than tokens, labels with logits_to_keep, packed sequences that are no partition, a continued cache that is
/// empty, has another batch or is of another model, outputs that the model's head does not have. `where` opens the
/// message.
void check_call(const Config& config, const Call& call, const Past& past, std::string_view where);

}  // namespace assay
