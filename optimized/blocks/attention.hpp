// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Multi-head attention with grouped keys, rotary embedding and a cache: GraniteMoeAttention and PhimoeAttention. The
// matrix of the scores does not exist, neither does the mask: those sites are not provided.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/config/granite_moe.hpp"
#include "model/config/manifest.hpp"
#include "model/past_key_values.hpp"
#include "optimized/blis/weight_packer.hpp"
#include "optimized/blocks/call_context.hpp"
#include "optimized/blocks/kv_cache.hpp"

namespace assay::optimized {

struct AttentionOptions {
  AttentionShape shape;
  bool bias = false;
  std::optional<std::size_t> sliding_window;
};

/// Of all Granite models: the scale is a number of the config, not 1 / sqrt(head_dim). GraniteMoeAttention.
[[nodiscard]] AttentionOptions granite_attention(const GraniteMoeConfig& config);

class Attention {
 public:
  /// `prefix` is "model.layers.{i}.self_attn.".
  Attention(const Weights& weights, const std::string& prefix, const AttentionOptions& options,
            blis::WeightPacker& packer);

  void forward(Rows<float> hidden,  // [B * L, D]
               CallContext& context, const Show& show,
               Rows<float> out);  // [B * L, D]

  void plan(const CallExtents& extents, const Threads& threads, Slices& memory) const;
  /// Room in the empty cache for calls of `length` tokens up to `cache_tokens` in all.
  void reserve(std::size_t batch, std::size_t length, std::size_t cache_tokens);
  void clear_cache() { cache_.clear(); }
  [[nodiscard]] std::size_t cache_bytes() const { return cache_.bytes(); }
  /// Fills the empty cache, with room for a call of `length` tokens.
  void load_cache(const LayerPast& past, std::size_t length);

 private:
  struct Buffers {
    Rows<float> projected;  // [B * L, (H + 2 KV) * d]: queries, keys, values
    Rows<float> heads;      // [B * L, H * d]
    float* scratch;
  };

  [[nodiscard]] Buffers take(const CallExtents& extents, const Threads& threads, Slices& memory) const;
  [[nodiscard]] std::size_t kept(std::size_t past) const;
  void store(Rows<const float> keys, Rows<const float> values, const CallExtents& extents);
  void show_cache(const CallExtents& extents, const Show& show) const;

  AttentionOptions options_;
  blis::PackedMatrix qkv_;
  blis::PackedMatrix o_proj_;
  std::vector<float> qkv_bias_;
  std::vector<float> o_bias_;
  KeyValueCache cache_;
};

}  // namespace assay::optimized
