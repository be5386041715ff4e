// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blocks/attention.hpp"

#include <algorithm>
#include <array>

#include "optimized/ops/rope.hpp"
#include "optimized/ops/stored_vector.hpp"

namespace assay::optimized {
namespace {

/// Up to so many queries a row, keys are read straight from the cache; beyond, packing them pays.
constexpr std::size_t decode_queries = 4;

blis::StoredRows projection(const Weights& weights, const std::string& name) {
  return blis::all_rows(weights.at(name + ".weight"), name + ".weight");
}

}  // namespace

AttentionOptions granite_attention(const GraniteMoeConfig& config) {
  const std::size_t head_dim = config.head_dim.value_or(config.hidden_size / config.num_attention_heads);
  return {.shape = {.heads = config.num_attention_heads,
                    .kv_heads = config.num_key_value_heads,
                    .head_dim = head_dim,
                    .scale = static_cast<float>(config.attention_multiplier)},
          .bias = config.attention_bias,
          .sliding_window = std::nullopt};
}

Attention::Attention(const Weights& weights, const std::string& prefix, const AttentionOptions& options,
                     blis::WeightPacker& packer)
    : options_(options),
      // One product for the three: the input is packed once, and the threads meet once.
      qkv_(packer.add({projection(weights, prefix + "q_proj"), projection(weights, prefix + "k_proj"),
                       projection(weights, prefix + "v_proj")})),
      o_proj_(packer.add({projection(weights, prefix + "o_proj")})),
      cache_(options.shape.kv_heads, options.shape.head_dim, options.sliding_window) {
  if (!options.bias) return;
  for (const char* name : {"q_proj", "k_proj", "v_proj"}) {
    const std::vector<float> bias = read_vector(weights.at(prefix + name + ".bias"));
    qkv_bias_.insert(qkv_bias_.end(), bias.begin(), bias.end());
  }
  o_bias_ = read_vector(weights.at(prefix + "o_proj.bias"));
}

Attention::Buffers Attention::take(const CallExtents& extents, const Threads& threads, Slices& memory) const {
  const AttentionShape& shape = options_.shape;
  const std::size_t width = (shape.heads + 2 * shape.kv_heads) * shape.head_dim;
  const std::size_t keys = kept(extents.past) + extents.length;
  const auto scratch = extents.length <= decode_queries ? attention_decode_scratch : attention_prefill_scratch;
  Buffers buffers{};
  buffers.projected = dense(memory.take<float>(extents.tokens() * width), extents.tokens(), width);
  buffers.heads = dense(memory.take<float>(extents.tokens() * shape.heads * shape.head_dim), extents.tokens(),
                        shape.heads * shape.head_dim);
  buffers.scratch = memory.take<float>(scratch(shape, extents.batch, extents.length, keys, threads));
  return buffers;
}

void Attention::plan(const CallExtents& extents, const Threads& threads, Slices& memory) const {
  const std::size_t mark = memory.mark();
  static_cast<void>(take(extents, threads, memory));
  memory.release(mark);
}

void Attention::reserve(std::size_t batch, std::size_t length, std::size_t cache_tokens) {
  // Twice the window, so that its keys move to the front only once in a window.
  const std::size_t window = options_.sliding_window.value_or(cache_tokens);
  cache_.make_room(batch, std::min(cache_tokens, 2 * window + length));
}

void Attention::load_cache(const LayerPast& past, std::size_t length) {
  const auto [batch, kv_heads, tokens, head_dim] = past.keys.view().extents();
  cache_.make_room(batch, tokens + length);
  for (std::size_t b = 0; b < batch; ++b) {
    for (std::size_t head = 0; head < kv_heads; ++head) {
      std::copy_n(past.keys.view()[b][head].data(), tokens * head_dim, cache_.new_key(b, head, 0));
      std::copy_n(past.values.view()[b][head].data(), tokens * head_dim, cache_.new_value(b, head, 0));
    }
  }
  cache_.append(tokens);
}

std::size_t Attention::kept(std::size_t past) const {
  return options_.sliding_window ? std::min(past, *options_.sliding_window - 1) : past;
}

void Attention::forward(Rows<float> hidden, CallContext& context, const Show& show, Rows<float> out) {
  const AttentionShape& shape = options_.shape;
  const CallExtents& extents = context.extents;
  const std::size_t mark = context.memory.mark();
  const Buffers buffers = take(extents, context.threads, context.memory);
  const std::size_t query_width = shape.heads * shape.head_dim;
  const std::size_t key_width = shape.kv_heads * shape.head_dim;
  const Rows<float> queries = buffers.projected.columns(0, query_width);
  const Rows<float> keys = buffers.projected.columns(query_width, key_width);
  const Rows<float> values = buffers.projected.columns(query_width + key_width, key_width);

  context.multiply({.weight = &qkv_,
                    .x = hidden,
                    .y = buffers.projected,
                    .bias = qkv_bias_.empty() ? nullptr : qkv_bias_.data()});      show(Site::q_proj, queries);
                                                                                   show(Site::k_proj, keys);
                                                                                   show(Site::v_proj, values);
  if (context.cos.count > 0) {
    const Rows<float> both = buffers.projected.columns(0, query_width + key_width);
    apply_rope(both, shape.head_dim, context.cos, context.sin, extents.length, context.threads);
                                                                                   show.heads(Site::q_rope, queries, shape.head_dim);
                                                                                   show.heads(Site::k_rope, keys, shape.head_dim);
  }
  store(keys, values, extents);
  const auto attend = extents.length <= decode_queries ? attention_decode : attention_prefill;
  attend(queries, cache_.view(), context.visibility, shape, buffers.heads, buffers.scratch, context.threads);
                                                                                   show(Site::attn_out, buffers.heads);
  if (extents.use_cache) {
    cache_.crop();                                                                 show_cache(extents, show);
  } else {
    cache_.clear();
  }
  context.multiply({.weight = &o_proj_,
                    .x = buffers.heads,
                    .y = out,
                    .bias = o_bias_.empty() ? nullptr : o_bias_.data()});          show(Site::mixer_out, out);
  context.memory.release(mark);
}

void Attention::store(Rows<const float> keys, Rows<const float> values, const CallExtents& extents) {
  const std::size_t head_dim = options_.shape.head_dim;
  cache_.make_room(extents.batch, extents.length);
  for (std::size_t b = 0; b < extents.batch; ++b) {
    for (std::size_t l = 0; l < extents.length; ++l) {
      const std::size_t token = b * extents.length + l;
      for (std::size_t head = 0; head < options_.shape.kv_heads; ++head) {
        std::copy_n(keys[token] + head * head_dim, head_dim, cache_.new_key(b, head, l));
        std::copy_n(values[token] + head * head_dim, head_dim, cache_.new_value(b, head, l));
      }
    }
  }
  cache_.append(extents.length);
}

void Attention::show_cache(const CallExtents& extents, const Show& show) const {
  const std::size_t kv_heads = options_.shape.kv_heads;
  const std::size_t tokens = cache_.tokens();
  const std::array<std::size_t, 4> shape{extents.batch, kv_heads, tokens, options_.shape.head_dim};
  const auto place = [&](std::size_t row) {
    return std::array{row / tokens / kv_heads, row / tokens % kv_heads, row % tokens};
  };
  show.rows<4>(Site::cache_k, shape, [&](std::size_t row) {
    const auto [b, head, token] = place(row);
    return cache_.key(b, head, token);
  });
  show.rows<4>(Site::cache_v, shape, [&](std::size_t row) {
    const auto [b, head, token] = place(row);
    return cache_.value(b, head, token);
  });
}

}  // namespace assay::optimized
