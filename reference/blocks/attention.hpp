// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Multi-head attention with grouped keys, rotary embedding and a cache: GraniteMoeAttention and PhimoeAttention.
// All scores of a head are formed at once; there is no blocking.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "model/config/granite_moe.hpp"
#include "model/probe.hpp"
#include "model/tensor.hpp"
#include "reference/blocks/call_context.hpp"
#include "reference/weight.hpp"

namespace assay::reference {

struct AttentionOptions {
  std::size_t heads = 0;
  std::size_t kv_heads = 0;
  std::size_t head_dim = 0;
  double scale = 0;  ///< of the scores
  bool bias = false;
  std::optional<std::size_t> sliding_window;
};

/// Of all Granite models: the scale is a number of the config, not 1 / sqrt(head_dim). GraniteMoeAttention.
[[nodiscard]] AttentionOptions granite_attention(const GraniteMoeConfig& config);

/// Keys (already rotated) and values of the tokens seen.
template <class T>
struct KeyValueCache {
  Tensor<T, 4> keys;    // [B, KV, S, d]
  Tensor<T, 4> values;  // [B, KV, S, d]
};

template <class T>
class Attention {
 public:
  /// `prefix` is "model.layers.{i}.self_attn.".
  Attention(const Weights& weights, const std::string& prefix, const AttentionOptions& options);

  [[nodiscard]] Tensor<T, 3> forward(View<const T, 3> hidden,  // [B, L, D]
                                     CallContext<T>& context, KeyValueCache<T>& cache,
                                     const Probe& probe) const;  // -> [B, L, D]

 private:
  struct Projection {
    WeightMatrix weight;
    std::optional<WeightMatrix> bias;
  };

  [[nodiscard]] Tensor<T, 3> project(View<const T, 3> x, const Projection& projection) const;
  [[nodiscard]] Tensor<T, 4> scores(const Tensor<T, 4>& queries, const Tensor<T, 4>& keys,
                                    View<const std::uint8_t, 3> visible) const;
  [[nodiscard]] Tensor<T, 3> weighted_values(const Tensor<T, 4>& probs, const Tensor<T, 4>& values) const;
  void keep(const Tensor<T, 4>& keys, const Tensor<T, 4>& values, KeyValueCache<T>& cache, const Probe& probe) const;

  AttentionOptions options_;
  Projection q_proj_;
  Projection k_proj_;
  Projection v_proj_;
  Projection o_proj_;
};

}  // namespace assay::reference
