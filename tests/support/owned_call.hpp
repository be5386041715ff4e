// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A forward call that owns its arguments, as a test writes it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/call.hpp"
#include "model/tensor.hpp"

namespace assay::test {

using Rows = std::vector<std::vector<std::int64_t>>;
using FloatRows = std::vector<std::vector<float>>;

struct OwnedPackedSequences {
  Rows seq_idx;
  std::vector<std::int64_t> cu_seq_lens_q;
  std::vector<std::int64_t> cu_seq_lens_k;
  std::int64_t max_length_q = 0;
  std::int64_t max_length_k = 0;
};

/// Sequences of these lengths, one behind the other.
[[nodiscard]] inline OwnedPackedSequences packed_sequences(const std::vector<std::int64_t>& lengths) {
  OwnedPackedSequences packed{.seq_idx = {{}}, .cu_seq_lens_q = {0}, .cu_seq_lens_k = {}};
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    packed.seq_idx[0].insert(packed.seq_idx[0].end(), static_cast<std::size_t>(lengths[i]),
                             static_cast<std::int64_t>(i));
    packed.cu_seq_lens_q.push_back(packed.cu_seq_lens_q.back() + lengths[i]);
    packed.max_length_q = std::max(packed.max_length_q, lengths[i]);
  }
  packed.cu_seq_lens_k = packed.cu_seq_lens_q;
  packed.max_length_k = packed.max_length_q;
  return packed;
}

/// The members of Call, each none where empty.
struct OwnedCall {
  Rows input_ids{};  ///< one sequence a row
  Tensor<float, 3> inputs_embeds{};
  Rows attention_mask{};
  Rows position_ids{};
  std::optional<OwnedPackedSequences> packed{};
  bool use_cache = false;
  bool continues = false;
  const PastKeyValues* past_key_values = nullptr;
  std::size_t logits_to_keep = 0;
  std::vector<std::int64_t> logits_positions{};
  Rows labels{};
  FloatRows float_labels{};
  std::optional<std::int64_t> num_items_in_batch{};
  bool output_hidden_states = false;
  bool output_attentions = false;
  bool output_router_logits = false;
};

/// Lays the rows out in memory; lives as long as the call it gives.
class LaidOutCall {
 public:
  explicit LaidOutCall(const OwnedCall& call)
      : call_(call),
        ids_(lay_out(call.input_ids)),
        mask_(lay_out(call.attention_mask)),
        positions_(lay_out(call.position_ids)),
        labels_(lay_out(call.labels)),
        float_labels_(lay_out(call.float_labels)) {
    if (call.packed) seq_idx_ = lay_out(call.packed->seq_idx);
  }

  [[nodiscard]] Call call() const {
    Call call;
    call.input_ids = ids_.view();
    if (!call_.inputs_embeds.empty()) call.inputs_embeds = call_.inputs_embeds.view();
    call.attention_mask = optional_view(mask_);
    call.position_ids = optional_view(positions_);
    if (call_.packed) {
      call.packed = {seq_idx_.view(), view_of(call_.packed->cu_seq_lens_q), view_of(call_.packed->cu_seq_lens_k),
                     call_.packed->max_length_q, call_.packed->max_length_k};
    }
    call.use_cache = call_.use_cache;
    call.continues = call_.continues;
    call.past_key_values = call_.past_key_values;
    call.logits_to_keep = call_.logits_to_keep;
    if (!call_.logits_positions.empty()) call.logits_positions = view_of(call_.logits_positions);
    call.labels = optional_view(labels_);
    call.float_labels = optional_view(float_labels_);
    call.num_items_in_batch = call_.num_items_in_batch;
    call.output_hidden_states = call_.output_hidden_states;
    call.output_attentions = call_.output_attentions;
    call.output_router_logits = call_.output_router_logits;
    return call;
  }

 private:
  template <class T>
  static Tensor<T, 2> lay_out(const std::vector<std::vector<T>>& rows) {
    if (rows.empty()) return {};
    Tensor<T, 2> tensor({rows.size(), rows.front().size()});
    for (std::size_t b = 0; b < rows.size(); ++b) {
      for (std::size_t l = 0; l < rows.front().size(); ++l) tensor(b, l) = rows[b].at(l);
    }
    return tensor;
  }

  template <class T>
  static std::optional<View<const T, 2>> optional_view(const Tensor<T, 2>& tensor) {
    if (tensor.empty()) return std::nullopt;
    return tensor.view();
  }

  static View<const std::int64_t, 1> view_of(const std::vector<std::int64_t>& numbers) {
    return {numbers.data(), {numbers.size()}};
  }

  OwnedCall call_;
  Tensor<std::int64_t, 2> ids_;
  Tensor<std::int64_t, 2> mask_;
  Tensor<std::int64_t, 2> positions_;
  Tensor<std::int64_t, 2> labels_;
  Tensor<float, 2> float_labels_;
  Tensor<std::int64_t, 2> seq_idx_;
};

}  // namespace assay::test
