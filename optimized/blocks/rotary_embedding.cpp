// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blocks/rotary_embedding.hpp"

#include <algorithm>
#include <optional>

#include "optimized/ops/rope_frequencies.hpp"

namespace assay::optimized {

RotaryTables::RotaryTables(const TransformerConfig& config)
    : rope_(config.rope),
      max_position_embeddings_(config.max_position_embeddings),
      initial_(config.head_dim.value_or(config.hidden_size / config.num_attention_heads) / 2),
      stretched_(initial_.size()) {
  attention_factor_ = rope_frequencies(rope_, max_position_embeddings_, std::nullopt, initial_);
  if (rope_.type != RopeType::longrope) return;
  // The first length beyond the original; a length that no integer counts is never passed.
  const double original = std::min(*rope_.original_max_position_embeddings, 0x1p52);
  stretch(static_cast<std::int64_t>(original) + 1);
}

void RotaryTables::stretch(std::int64_t seq) {
  static_cast<void>(rope_frequencies(rope_, max_position_embeddings_, seq, stretched_));
}

RotaryEmbedding::RotaryEmbedding(const GraniteMoeConfig& config)
    : tables_(config), longest_(tables_.max_position_embeddings()) {}

RopeFrequencies RotaryEmbedding::frequencies(std::int64_t seq) {
  switch (tables_.rope().type) {
    case RopeType::longrope:
      return tables_.is_beyond_original(seq) ? tables_.stretched() : tables_.initial();
    case RopeType::dynamic:
      if (seq > longest_) {
        tables_.stretch(seq);
        longest_ = seq;
      }
      if (seq < tables_.max_position_embeddings()) forget();
      return longest_ > tables_.max_position_embeddings() ? tables_.stretched() : tables_.initial();
    default:
      return tables_.initial();
  }
}

PhimoeRotaryEmbedding::PhimoeRotaryEmbedding(const PhimoeConfig& config)
    : tables_(config), longrope_(config.longrope) {}

RopeFrequencies PhimoeRotaryEmbedding::frequencies(std::int64_t seq, std::int64_t tokens) {
  if (tables_.rope().type == RopeType::default_type) return tables_.initial();
  // 5.23.0 computes the frequencies without a length: always the short factors. 4.56.2 counts tokens, not positions.
  const bool hf4 = longrope_ == PhimoeLongrope::hf4;
  RopeFrequencies frequencies = hf4 ? counted(tokens) : tables_.initial();
  const bool is_long = tables_.is_beyond_original(hf4 ? tokens : seq);
  frequencies.attention_factor = is_long ? *tables_.rope().long_mscale : *tables_.rope().short_mscale;
  return frequencies;
}

RopeFrequencies PhimoeRotaryEmbedding::counted(std::int64_t tokens) {
  if (tables_.rope().type == RopeType::longrope) {
    return tables_.is_beyond_original(tokens) ? tables_.stretched() : tables_.initial();
  }
  if (tables_.rope().type != RopeType::dynamic) return tables_.initial();
  // Anew in every call, and in float32 even where nothing is stretched.
  tables_.stretch(tokens);
  return tables_.stretched();
}

}  // namespace assay::optimized
