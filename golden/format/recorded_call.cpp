// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/recorded_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "golden/format/input_reader.hpp"
#include "golden/format/schema.hpp"
#include "model/error.hpp"

namespace assay::golden {
namespace {

constexpr std::array<std::string_view, 11> known_inputs{
    "attention_mask", "cu_seq_lens_k",    "cu_seq_lens_q",   "float_labels", "input_ids", "inputs_embeds",
    "labels",         "logits_positions", "past_key_values", "position_ids", "seq_idx"};

/// A number that would be passed over would be an argument that the engine does not get.
void check_names(const Hdf5Reader& reader, const std::string& inputs) {
  if (!reader.has(inputs + "/input_ids") && !reader.has(inputs + "/inputs_embeds")) {
    throw Error(fmt::format("{}: {}: expected input_ids or inputs_embeds, found neither", reader.file(), inputs));
  }
  for (const std::string& name : reader.children(inputs)) {
    if (std::ranges::find(known_inputs, name) == known_inputs.end()) {
      throw Error(fmt::format("{}: {}: expected names of inputs, found {}", reader.file(), inputs, name));
    }
  }
}

/// The five parts come together or not at all.
std::optional<RecordedPacking> read_packing(const Hdf5Reader& reader, const std::string& path) {
  const std::string inputs = path + "/inputs";
  const std::int64_t max_length_q = count_or_zero(reader, path, "max_length_q");
  const std::int64_t max_length_k = count_or_zero(reader, path, "max_length_k");
  const std::array<std::pair<std::string_view, bool>, 5> parts{{
      {"seq_idx", reader.has(inputs + "/seq_idx")},
      {"cu_seq_lens_q", reader.has(inputs + "/cu_seq_lens_q")},
      {"cu_seq_lens_k", reader.has(inputs + "/cu_seq_lens_k")},
      {"max_length_q", max_length_q != 0},
      {"max_length_k", max_length_k != 0},
  }};
  std::string there;
  std::string absent;
  for (const auto& [name, has] : parts) {
    std::string& list = has ? there : absent;
    list += fmt::format("{}{}", list.empty() ? "" : ", ", name);
  }
  if (there.empty()) return std::nullopt;
  if (!absent.empty()) {
    throw Error(
        fmt::format("{}: {}: packed sequences: expected {} with {}, found none", reader.file(), path, absent, there));
  }
  return RecordedPacking{read_tensor<std::int64_t, 2>(reader, inputs + "/seq_idx"),
                         read_tensor<std::int64_t, 1>(reader, inputs + "/cu_seq_lens_q"),
                         read_tensor<std::int64_t, 1>(reader, inputs + "/cu_seq_lens_k"), max_length_q, max_length_k};
}

void read_inputs(const Hdf5Reader& reader, const std::string& inputs, RecordedCall& call) {
  using i64 = std::int64_t;
  if (auto ids = read_tensor_if<i64, 2>(reader, inputs + "/input_ids")) call.input_ids = *std::move(ids);
  call.inputs_embeds = read_tensor_if<float, 3>(reader, inputs + "/inputs_embeds");
  if (!call.input_ids.empty() && call.inputs_embeds) {
    throw Error(fmt::format("{}: {}: expected input_ids or inputs_embeds, found both", reader.file(), inputs));
  }
  call.attention_mask = read_tensor_if<i64, 2>(reader, inputs + "/attention_mask");
  call.position_ids = read_tensor_if<i64, 2>(reader, inputs + "/position_ids");
  call.logits_positions = read_tensor_if<i64, 1>(reader, inputs + "/logits_positions");
  call.labels = read_tensor_if<i64, 2>(reader, inputs + "/labels");
  call.float_labels = read_tensor_if<float, 2>(reader, inputs + "/float_labels");
  if (const std::string past = inputs + "/past_key_values"; reader.has(past)) {
    call.past_key_values = read_past_key_values(reader, past);
  }
}

void read_attributes(const Hdf5Reader& reader, const std::string& path, RecordedCall& call) {
  call.use_cache = required_flag(reader, path, "use_cache");
  call.logits_to_keep = static_cast<std::size_t>(count_or_zero(reader, path, "logits_to_keep"));
  call.output_hidden_states = flag_or_zero(reader, path, "output_hidden_states");
  call.output_attentions = flag_or_zero(reader, path, "output_attentions");
  call.output_router_logits = flag_or_zero(reader, path, "output_router_logits");
  const std::int64_t items = count_or_zero(reader, path, "num_items_in_batch");
  if (items != 0) call.num_items_in_batch = items;
}

/// Whether the call goes on with that of the call before it.
bool read_continues(const Hdf5Reader& reader, const std::string& path, CallIndex index) {
  const std::int64_t continues = required_integer(reader, path, "continues");
  if (continues == -1) return false;
  if (index.value == 0 || continues != static_cast<std::int64_t>(index.value) - 1) {
    const std::string before = index.value == 0 ? "" : fmt::format(" or {}", index.value - 1);
    throw Error(
        fmt::format("{}: {}: attribute continues: expected -1{}, found {}", reader.file(), path, before, continues));
  }
  return true;
}

/// What an engine remembers when `before` is done.
Past left_by(const RecordedCall* before) {
  if (before == nullptr || !before->use_cache) return {};
  return {before->batch(), before->past + before->length()};
}

}  // namespace

std::span<const std::string_view> input_names() { return known_inputs; }

Call RecordedCall::call() const {
  Call result;
  if (!input_ids.empty()) result.input_ids = input_ids.view();
  if (inputs_embeds) result.inputs_embeds = inputs_embeds->view();
  if (attention_mask) result.attention_mask = attention_mask->view();
  if (position_ids) result.position_ids = position_ids->view();
  if (packed) {
    result.packed = PackedSequences{packed->seq_idx.view(), packed->cu_seq_lens_q.view(), packed->cu_seq_lens_k.view(),
                                    packed->max_length_q, packed->max_length_k};
  }
  result.use_cache = use_cache;
  result.continues = continues;
  if (past_key_values) result.past_key_values = &*past_key_values;
  result.logits_to_keep = logits_to_keep;
  if (logits_positions) result.logits_positions = logits_positions->view();
  if (labels) result.labels = labels->view();
  if (float_labels) result.float_labels = float_labels->view();
  result.num_items_in_batch = num_items_in_batch;
  result.output_hidden_states = output_hidden_states;
  result.output_attentions = output_attentions;
  result.output_router_logits = output_router_logits;
  return result;
}

RecordedCall read_call(const Hdf5Reader& reader, const Config& config, CallIndex index, const RecordedCall* before) {
  const std::string path = call_path(index);
  check_names(reader, path + "/inputs");
  RecordedCall recorded;
  read_inputs(reader, path + "/inputs", recorded);
  recorded.packed = read_packing(reader, path);
  read_attributes(reader, path, recorded);
  recorded.continues = read_continues(reader, path, index);
  const Past left = left_by(before);
  check_call(config, recorded.call(), left, fmt::format("{}: {}/inputs", reader.file(), path));
  const Past past = past_of(recorded.call(), left);
  recorded.past = past.tokens;
  recorded.sites = plan_sites(config, geometry_of(recorded.call(), past));
  return recorded;
}

}  // namespace assay::golden
