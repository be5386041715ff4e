// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/past_key_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "model/error.hpp"

namespace assay {
namespace {

/// Takes no memory where all is well: an engine that was reserved for a call checks it first.
template <std::size_t Rank>
void check_tensor(const Tensor<float, Rank>& tensor, const std::array<std::size_t, Rank>& extents, std::size_t layer,
                  std::string_view name, std::string_view where) {
  const View<const float, Rank> found = tensor.view();
  const View<const float, Rank> expected(nullptr, extents);
  if (found.extents() != extents && !(tensor.empty() && expected.elements() == 0)) {
    throw Error(fmt::format("{}: past_key_values: layer {} {}: expected {}, found {}", where, layer, name,
                            to_string(expected.shape()), to_string(found.shape())));
  }
  const auto values = found.flat();
  const auto bad = std::ranges::find_if(values, [](float value) { return !std::isfinite(value); });
  if (bad != values.end()) {
    throw Error(
        fmt::format("{}: past_key_values: layer {} {}: expected finite numbers, found {}", where, layer, name, *bad));
  }
}

/// Of a layer of the other kind.
template <std::size_t Rank>
void check_absent(const Tensor<float, Rank>& tensor, std::size_t layer, std::string_view name, std::string_view where) {
  if (tensor.empty()) return;
  throw Error(fmt::format("{}: past_key_values: layer {} {}: expected none in such a layer, found {}", where, layer,
                          name, to_string(tensor.view().shape())));
}

void check_attention(const Config& config, const PastKeyValues& past, std::size_t layer, std::size_t batch,
                     std::string_view where) {
  const TransformerConfig& fields = common(config);
  const std::size_t head_dim = fields.head_dim.value_or(fields.hidden_size / fields.num_attention_heads);
  const auto* phimoe = std::get_if<PhimoeConfig>(&config);
  const std::optional<std::size_t> window = phimoe != nullptr ? phimoe->sliding_window : std::nullopt;
  const std::size_t kept = window ? std::min(past.tokens, *window - 1) : past.tokens;
  const std::array<std::size_t, 4> expected{batch, fields.num_key_value_heads, kept, head_dim};
  check_tensor(past.layers[layer].keys, expected, layer, "keys", where);
  check_tensor(past.layers[layer].values, expected, layer, "values", where);
  check_absent(past.layers[layer].conv_state, layer, "conv_state", where);
  check_absent(past.layers[layer].ssm_state, layer, "ssm_state", where);
}

void check_mamba(const GraniteMoeHybridConfig& config, const LayerPast& past, std::size_t layer, std::size_t batch,
                 std::string_view where) {
  const std::size_t channels =
      config.mamba_expand * config.hidden_size + 2 * config.mamba_n_groups * config.mamba_d_state;
  check_tensor<3>(past.conv_state, {batch, channels, config.mamba_d_conv}, layer, "conv_state", where);
  check_tensor<4>(past.ssm_state, {batch, config.mamba_n_heads, config.mamba_d_head, config.mamba_d_state}, layer,
                  "ssm_state", where);
  check_absent(past.keys, layer, "keys", where);
  check_absent(past.values, layer, "values", where);
}

}  // namespace

std::size_t PastKeyValues::batch() const {
  for (const LayerPast& layer : layers) {
    if (!layer.keys.empty()) return layer.keys.extent(0);
    if (!layer.ssm_state.empty()) return layer.ssm_state.extent(0);
  }
  return 0;
}

void check_past_key_values(const Config& config, const PastKeyValues& past, std::size_t batch, std::string_view where) {
  const std::size_t layers = common(config).num_hidden_layers;
  if (past.layers.size() != layers) {
    throw Error(fmt::format("{}: past_key_values: expected {} layers, found {}", where, layers, past.layers.size()));
  }
  if (past.tokens == 0) throw Error(fmt::format("{}: past_key_values: expected at least one token, found none", where));
  const auto* hybrid = std::get_if<GraniteMoeHybridConfig>(&config);
  for (std::size_t layer = 0; layer < layers; ++layer) {
    if (hybrid != nullptr && hybrid->layer_types[layer] == MixerKind::mamba) {
      check_mamba(*hybrid, past.layers[layer], layer, batch, where);
    } else {
      check_attention(config, past, layer, batch, where);
    }
  }
}

}  // namespace assay
