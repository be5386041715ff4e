// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/attention.hpp"

#include <algorithm>

#include "reference/blocks/residual.hpp"
#include "reference/ops/linear.hpp"
#include "reference/ops/rope.hpp"
#include "reference/ops/softmax.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {
namespace {

/// [B, L, heads * d] -> [B, heads, L, d]
template <class T>
Tensor<T, 4> split_heads(const Tensor<T, 3>& x, std::size_t heads) {
  const std::size_t head_dim = x.extent(2) / heads;
  Tensor<T, 4> split({x.extent(0), heads, x.extent(1), head_dim});
  for (std::size_t b = 0; b < x.extent(0); ++b) {
    for (std::size_t head = 0; head < heads; ++head) {
      for (std::size_t l = 0; l < x.extent(1); ++l) {
        for (std::size_t i = 0; i < head_dim; ++i) split(b, head, l, i) = x(b, l, head * head_dim + i);
      }
    }
  }
  return split;
}

/// The tokens of `cached` followed by those of `added`; the last `count` of them.
template <class T>
Tensor<T, 4> last_tokens(const Tensor<T, 4>& cached, const Tensor<T, 4>& added, std::size_t count) {
  const std::size_t before = cached.empty() ? 0 : cached.extent(2);
  const std::size_t first = before + added.extent(2) - count;
  Tensor<T, 4> joined({added.extent(0), added.extent(1), count, added.extent(3)});
  for (std::size_t b = 0; b < joined.extent(0); ++b) {
    for (std::size_t head = 0; head < joined.extent(1); ++head) {
      for (std::size_t s = 0; s < count; ++s) {
        const std::size_t token = first + s;
        for (std::size_t i = 0; i < joined.extent(3); ++i) {
          joined(b, head, s, i) = token < before ? cached(b, head, token, i) : added(b, head, token - before, i);
        }
      }
    }
  }
  return joined;
}

template <class T>
Tensor<T, 4> append(const Tensor<T, 4>& cached, const Tensor<T, 4>& added) {
  return last_tokens(cached, added, (cached.empty() ? 0 : cached.extent(2)) + added.extent(2));
}

}  // namespace

AttentionOptions granite_attention(const GraniteMoeConfig& config) {
  return {
      .heads = config.num_attention_heads,
      .kv_heads = config.num_key_value_heads,
      .head_dim = config.head_dim.value_or(config.hidden_size / config.num_attention_heads),
      .scale = config.attention_multiplier,
      .bias = config.attention_bias,
      .sliding_window = std::nullopt,
  };
}

template <class T>
Attention<T>::Attention(const Weights& weights, const std::string& prefix, const AttentionOptions& options)
    : options_(options) {
  const auto projection = [&](const std::string& name) {
    return Projection{weight_matrix(weights, prefix + name + ".weight"),
                      weight_matrix_if(options.bias, weights, prefix + name + ".bias")};
  };
  q_proj_ = projection("q_proj");
  k_proj_ = projection("k_proj");
  v_proj_ = projection("v_proj");
  o_proj_ = projection("o_proj");
}

template <class T>
Tensor<T, 3> Attention<T>::forward(View<const T, 3> hidden, CallContext<T>& context, KeyValueCache<T>& cache,
                                   const Probe& probe) const {
  Tensor<T, 3> q = project(hidden, q_proj_);                                       probe(Site::q_proj, q.view());
  Tensor<T, 3> k = project(hidden, k_proj_);                                       probe(Site::k_proj, k.view());
  Tensor<T, 3> v = project(hidden, v_proj_);                                       probe(Site::v_proj, v.view());

  Tensor<T, 4> queries = split_heads(q, options_.heads);        // [B, H, L, d]
  Tensor<T, 4> new_keys = split_heads(k, options_.kv_heads);    // [B, KV, L, d]
  Tensor<T, 4> new_values = split_heads(v, options_.kv_heads);  // [B, KV, L, d]
  if (!context.cos.empty()) {
    Tensor<T, 4> rotated_queries = queries;
    Tensor<T, 4> rotated_keys = new_keys;
    apply_rope<T>(queries.view(), context.cos.view(), context.sin.view(), rotated_queries.view());
    apply_rope<T>(new_keys.view(), context.cos.view(), context.sin.view(), rotated_keys.view());
    queries = std::move(rotated_queries);                                          probe(Site::q_rope, queries.view());
    new_keys = std::move(rotated_keys);                                            probe(Site::k_rope, new_keys.view());
  }

  const Tensor<T, 4> keys = append(cache.keys, new_keys);        // [B, KV, S, d]
  const Tensor<T, 4> values = append(cache.values, new_values);  // [B, KV, S, d]
                                                                                   probe(Site::attn_visible, context.visible.view());
  Tensor<T, 4> logits = scores(queries, keys, context.visible.view());             probe(Site::attn_scores, logits.view());
  Tensor<T, 4> probs({logits.extent(0), logits.extent(1), logits.extent(2), logits.extent(3)});
  for (std::size_t b = 0; b < context.batch; ++b) {
    for (std::size_t head = 0; head < options_.heads; ++head) {
      for (std::size_t l = 0; l < context.length; ++l) {
        masked_softmax<T>(logits.view()[b][head][l], context.visible.view()[b][l], probs.view()[b][head][l]);
      }
    }
  }
                                                                                   probe(Site::attn_probs, probs.view());
  context.outputs.add_attentions(probs.view());
  Tensor<T, 3> heads = weighted_values(probs, values);                             probe(Site::attn_out, heads.view());
  if (context.use_cache) keep(keys, values, cache, probe);
  Tensor<T, 3> out = project(heads.view(), o_proj_);                               probe(Site::mixer_out, out.view());
  return out;
}

template <class T>
Tensor<T, 3> Attention<T>::project(View<const T, 3> x, const Projection& projection) const {
  Tensor<T, 3> y({x.extent(0), x.extent(1), projection.weight.rows});
  linear<T>(rows(x), projection.weight, projection.bias, rows(y));
  return y;
}

template <class T>
Tensor<T, 4> Attention<T>::scores(const Tensor<T, 4>& queries, const Tensor<T, 4>& keys,
                                  View<const std::uint8_t, 3> visible) const {
  const std::size_t heads_per_key = options_.heads / options_.kv_heads;
  Tensor<T, 4> result({queries.extent(0), options_.heads, queries.extent(2), keys.extent(2)});
  for (std::size_t b = 0; b < result.extent(0); ++b) {
    for (std::size_t head = 0; head < options_.heads; ++head) {
      for (std::size_t l = 0; l < result.extent(2); ++l) {
        for (std::size_t s = 0; s < result.extent(3); ++s) {
          if (visible(b, l, s) == 0) continue;
          Wide<T> sum = 0.0;
          for (std::size_t i = 0; i < options_.head_dim; ++i) {
            sum += widen(queries(b, head, l, i)) * widen(keys(b, head / heads_per_key, s, i));
          }
          result(b, head, l, s) = narrow<T>(sum * options_.scale);
        }
      }
    }
  }
  return result;
}

template <class T>
Tensor<T, 3> Attention<T>::weighted_values(const Tensor<T, 4>& probs, const Tensor<T, 4>& values) const {
  const std::size_t heads_per_key = options_.heads / options_.kv_heads;
  Tensor<T, 3> out({probs.extent(0), probs.extent(2), options_.heads * options_.head_dim});
  for (std::size_t b = 0; b < out.extent(0); ++b) {
    for (std::size_t l = 0; l < out.extent(1); ++l) {
      for (std::size_t head = 0; head < options_.heads; ++head) {
        for (std::size_t i = 0; i < options_.head_dim; ++i) {
          Wide<T> sum = 0.0;
          for (std::size_t s = 0; s < probs.extent(3); ++s) {
            sum += widen(probs(b, head, l, s)) * widen(values(b, head / heads_per_key, s, i));
          }
          out(b, l, head * options_.head_dim + i) = narrow<T>(sum);
        }
      }
    }
  }
  return out;
}

template <class T>
void Attention<T>::keep(const Tensor<T, 4>& keys, const Tensor<T, 4>& values, KeyValueCache<T>& cache,
                        const Probe& probe) const {
  // A sliding window W needs the last W - 1 keys for the next token.
  const std::size_t seen = keys.extent(2);
  const std::size_t kept = options_.sliding_window ? std::min(seen, *options_.sliding_window - 1) : seen;
  cache.keys = last_tokens(Tensor<T, 4>(), keys, kept);                            probe(Site::cache_k, cache.keys.view());
  cache.values = last_tokens(Tensor<T, 4>(), values, kept);                        probe(Site::cache_v, cache.values.view());
}

template class Attention<float>;
template class Attention<double>;
template class Attention<Gauged>;

}  // namespace assay::reference
