// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "golden/format/recorded_call.hpp"
#include "golden/format/schema.hpp"

namespace assay::golden {
namespace {

template <class T, std::size_t Rank>
void write(Hdf5Writer& writer, const std::string& path, const Tensor<T, Rank>& tensor) {
  writer.dataset<T>(path, tensor.view().shape(), tensor.view().flat());
}

template <class T, std::size_t Rank>
void write(Hdf5Writer& writer, const std::string& path, const std::optional<Tensor<T, Rank>>& tensor) {
  if (tensor) write(writer, path, *tensor);
}

void write_past(Hdf5Writer& writer, const std::string& group, const PastKeyValues& past) {
  writer.group(group);
  writer.attribute(group, "tokens", static_cast<std::int64_t>(past.tokens));
  for (std::size_t i = 0; i < past.layers.size(); ++i) {
    const LayerPast& layer = past.layers[i];
    const std::string path = fmt::format("{}/layers/{:03}", group, i);
    if (!layer.keys.empty()) write(writer, path + "/keys", layer.keys);
    if (!layer.values.empty()) write(writer, path + "/values", layer.values);
    if (!layer.conv_state.empty()) write(writer, path + "/conv_state", layer.conv_state);
    if (!layer.ssm_state.empty()) write(writer, path + "/ssm_state", layer.ssm_state);
  }
}

/// Attributes that are 0 are absent.
void attribute_if(Hdf5Writer& writer, const std::string& path, const std::string& name, std::int64_t value) {
  if (value != 0) writer.attribute(path, name, value);
}

}  // namespace

void write_call(Hdf5Writer& writer, CallIndex index, const RecordedCall& call) {
  const std::string path = call_path(index);
  const std::string inputs = path + "/inputs";
  writer.group(path);
  writer.attribute(path, "continues", call.continues ? static_cast<std::int64_t>(index.value) - 1 : -1);
  writer.attribute(path, "use_cache", std::int64_t{call.use_cache ? 1 : 0});
  attribute_if(writer, path, "logits_to_keep", static_cast<std::int64_t>(call.logits_to_keep));
  attribute_if(writer, path, "output_hidden_states", call.output_hidden_states ? 1 : 0);
  attribute_if(writer, path, "output_attentions", call.output_attentions ? 1 : 0);
  attribute_if(writer, path, "output_router_logits", call.output_router_logits ? 1 : 0);
  attribute_if(writer, path, "num_items_in_batch", call.num_items_in_batch.value_or(0));
  if (!call.input_ids.empty()) write(writer, inputs + "/input_ids", call.input_ids);
  write(writer, inputs + "/inputs_embeds", call.inputs_embeds);
  write(writer, inputs + "/attention_mask", call.attention_mask);
  write(writer, inputs + "/position_ids", call.position_ids);
  write(writer, inputs + "/logits_positions", call.logits_positions);
  write(writer, inputs + "/labels", call.labels);
  write(writer, inputs + "/float_labels", call.float_labels);
  if (call.packed) {
    write(writer, inputs + "/seq_idx", call.packed->seq_idx);
    write(writer, inputs + "/cu_seq_lens_q", call.packed->cu_seq_lens_q);
    write(writer, inputs + "/cu_seq_lens_k", call.packed->cu_seq_lens_k);
    writer.attribute(path, "max_length_q", call.packed->max_length_q);
    writer.attribute(path, "max_length_k", call.packed->max_length_k);
  }
  if (call.past_key_values) write_past(writer, inputs + "/past_key_values", *call.past_key_values);
}

}  // namespace assay::golden
