// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/config/granite_moe_hybrid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "model/config/parse.hpp"

namespace assay {
namespace {

namespace json = boost::json;

void parse_time_step_limit(Fields& fields, GraniteMoeHybridConfig& config) {
  const json::value* const value = fields.find("time_step_limit");
  if (value == nullptr) return;
  const json::array* const limits = value->if_array();
  // transformers declares floats: 0 is refused where 0.0 is meant.
  if (limits == nullptr || limits->size() != 2 || !(*limits)[0].is_double() || !(*limits)[1].is_double()) {
    fields.refuse("time_step_limit", "a list of two floats");
  }
  config.time_step_limit_min = (*limits)[0].get_double();
  config.time_step_limit_max = (*limits)[1].get_double();
  if (!(config.time_step_limit_min <= config.time_step_limit_max)) {
    fields.refuse("time_step_limit", "[min, max] with min <= max",
                  fmt::format("[{}, {}]", config.time_step_limit_min, config.time_step_limit_max));
  }
}

void parse_mamba(Fields& fields, GraniteMoeHybridConfig& config) {
  config.mamba_n_heads = fields.size("mamba_n_heads", 128);
  config.mamba_n_groups = fields.size("mamba_n_groups", 1);
  config.mamba_d_state = fields.size("mamba_d_state", 256);
  config.mamba_d_conv = fields.size("mamba_d_conv", 4);
  config.mamba_expand = fields.size("mamba_expand", 2);
  config.mamba_chunk_size = fields.size("mamba_chunk_size", 256);
  config.mamba_conv_bias = fields.flag_or_null("mamba_conv_bias", true);
  config.mamba_proj_bias = fields.flag_or_null("mamba_proj_bias", false);
  parse_time_step_limit(fields, config);

  const std::size_t width = config.mamba_expand * config.hidden_size;
  if (width % config.mamba_n_heads != 0) {
    fields.refuse("mamba_n_heads", fmt::format("a divisor of mamba_expand * hidden_size = {}", width),
                  std::to_string(config.mamba_n_heads));
  }
  const std::size_t head_size = width / config.mamba_n_heads;
  const json::value* const d_head = fields.find("mamba_d_head");
  const bool automatic = d_head == nullptr || (d_head->is_string() && d_head->get_string() == "auto");
  if (!automatic && !(d_head->is_int64() && d_head->get_int64() == static_cast<std::int64_t>(head_size))) {
    fields.refuse("mamba_d_head",
                  fmt::format("\"auto\" or mamba_expand * hidden_size / mamba_n_heads = {}", head_size));
  }
  config.mamba_d_head = head_size;
  const bool has_mamba =
      std::find(config.layer_types.begin(), config.layer_types.end(), MixerKind::mamba) != config.layer_types.end();
  if (has_mamba && config.mamba_n_heads % config.mamba_n_groups != 0) {
    fields.refuse("mamba_n_groups", fmt::format("a divisor of mamba_n_heads = {}", config.mamba_n_heads),
                  std::to_string(config.mamba_n_groups));
  }
}

}  // namespace

std::vector<MixerKind> parse_layer_types(Fields& fields, std::string_view key, std::size_t layers) {
  const json::value* const value = fields.find(key);
  if (value == nullptr || value->is_null()) return {};
  const std::string expected = fmt::format("a list of {} layer types", layers);
  if (!value->is_array() || value->get_array().size() != layers) fields.refuse(key, expected);
  std::vector<MixerKind> kinds;
  for (const json::value& item : value->get_array()) {
    const std::string_view kind = item.is_string() ? std::string_view(item.get_string()) : "";
    if (kind == "mamba" || kind == "linear_attention") {
      kinds.push_back(MixerKind::mamba);
    } else if (kind == "attention" || kind == "full_attention") {
      kinds.push_back(MixerKind::attention);
    } else {
      fields.refuse(key, "mamba or attention (linear_attention or full_attention) for each layer",
                    fmt::format("{} at layer {}", describe(item), kinds.size()));
    }
  }
  return kinds;
}

GraniteMoeHybridConfig parse_granite_moe_hybrid(Fields& fields) {
  const std::string position_embedding_type = fields.text_or_null("position_embedding_type").value_or("");
  const RopeUse rope_use = position_embedding_type == "rope" ? RopeUse::on : RopeUse::off;
  GraniteMoeHybridConfig config;
  static_cast<GraniteMoeConfig&>(config) = parse_granite_moe(fields, Family::granite_hybrid, rope_use);
  config.position_embedding_type = position_embedding_type;
  config.shared_intermediate_size = fields.size("shared_intermediate_size", 1024);
  // The alias wins where both are present, and may then not be null.
  const json::value* const alias = fields.find("layers_block_type");
  if (alias != nullptr && alias->is_null()) fields.refuse("layers_block_type", "a list of layer types");
  config.layer_types = parse_layer_types(fields, "layer_types", config.num_hidden_layers);
  if (alias != nullptr) config.layer_types = parse_layer_types(fields, "layers_block_type", config.num_hidden_layers);
  if (config.layer_types.empty()) config.layer_types.assign(config.num_hidden_layers, MixerKind::mamba);
  parse_mamba(fields, config);
  return config;
}

}  // namespace assay
