// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A cache that a caller hands over, as transformers takes `past_key_values`: plain values, a layer each.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "model/config/config.hpp"
#include "model/tensor.hpp"

namespace assay {

/// What one layer remembers; the two kinds of layers leave the other's tensors empty.
struct LayerPast {
  Tensor<float, 4> keys;        // [B, KV, S, d], rotated; S = tokens, or the last sliding_window - 1 of them
  Tensor<float, 4> values;      // [B, KV, S, d]
  Tensor<float, 3> conv_state;  // [B, C, K]: the last K columns before the convolution
  Tensor<float, 4> ssm_state;   // [B, Hm, P, N]
};

struct PastKeyValues {
  std::size_t tokens = 0;  ///< seen so far, also those that a sliding window has dropped
  std::vector<LayerPast> layers;

  [[nodiscard]] std::size_t batch() const;
};

/// Throws Error where the cache is not one of a model with this config: another number or kind of layers, another
/// shape. `where` opens the message.
void check_past_key_values(const Config& config, const PastKeyValues& past, std::size_t batch, std::string_view where);

}  // namespace assay
