// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/rotary_embedding.hpp"

namespace assay::reference {
namespace {

std::size_t head_dim_of(const TransformerConfig& config) {
  return config.head_dim.value_or(config.hidden_size / config.num_attention_heads);
}

}  // namespace

RotaryEmbedding::RotaryEmbedding(const GraniteMoeConfig& config)
    : rope_(config.rope),
      head_dim_(head_dim_of(config)),
      max_position_embeddings_(config.max_position_embeddings),
      longest_(shortest()) {
  // The model is not built where its frequencies cannot be computed.
  (void)rope_frequencies(rope_, head_dim_, max_position_embeddings_);
}

RopeFrequencies RotaryEmbedding::frequencies(std::int64_t seq) {
  if (rope_.type != RopeType::dynamic) return rope_frequencies(rope_, head_dim_, max_position_embeddings_, seq);
  if (seq > longest_) {
    longest_ = seq;
  } else if (seq < shortest()) {
    longest_ = shortest();
  }
  // The frequencies of the start are computed without a length, and that rounds differently.
  if (longest_ == shortest()) return rope_frequencies(rope_, head_dim_, max_position_embeddings_);
  return rope_frequencies(rope_, head_dim_, max_position_embeddings_, longest_);
}

PhimoeRotaryEmbedding::PhimoeRotaryEmbedding(const PhimoeConfig& config)
    : rope_(config.rope),
      head_dim_(head_dim_of(config)),
      max_position_embeddings_(config.max_position_embeddings),
      longrope_(config.longrope) {
  (void)rope_frequencies(rope_, head_dim_, max_position_embeddings_);
}

RopeFrequencies PhimoeRotaryEmbedding::frequencies(std::int64_t seq, std::int64_t tokens) const {
  const bool hf4 = longrope_ == PhimoeLongrope::hf4;
  // 5.23.0 computes the frequencies without a length: always the short factors. 4.56.2 counts tokens, not positions.
  RopeFrequencies frequencies =
      rope_frequencies(rope_, head_dim_, max_position_embeddings_, hf4 ? std::optional(tokens) : std::nullopt);
  if (rope_.type == RopeType::default_type) return frequencies;
  const bool is_long = static_cast<double>(hf4 ? tokens : seq) > rope_.original_max_position_embeddings.value();
  frequencies.attention_factor = is_long ? rope_.long_mscale.value() : rope_.short_mscale.value();
  return frequencies;
}

}  // namespace assay::reference
