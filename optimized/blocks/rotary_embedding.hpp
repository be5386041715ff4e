// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a model turns queries and keys by in one call: GraniteMoeRotaryEmbedding under dynamic_rope_update, and
// PhimoeRotaryEmbedding (transformers 5.23.0). Frequencies are made when the model is, so that a decoded token pays
// for none; only a growing sequence of type `dynamic` makes new ones (64 powers, some microseconds).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/config/granite_moe.hpp"
#include "model/config/phimoe.hpp"

namespace assay::optimized {

/// Borrows from the embedding, until its next call.
struct RopeFrequencies {
  std::span<const float> inv_freq;  // [d/2]
  double attention_factor = 1.0;    ///< cosines and sines are multiplied by it
};

/// The two tables that a rope type goes between.
class RotaryTables {
 public:
  /// Throws Error where a frequency is not a finite number.
  explicit RotaryTables(const TransformerConfig& config);

  /// Of a model just built.
  [[nodiscard]] RopeFrequencies initial() const { return {initial_, attention_factor_}; }
  /// Of a sequence beyond the original length (longrope), or of the last one that was made.
  [[nodiscard]] RopeFrequencies stretched() const { return {stretched_, attention_factor_}; }
  /// For a sequence of `seq` positions. Does not allocate. Throws Error as the constructor.
  void stretch(std::int64_t seq);

  [[nodiscard]] const RopeConfig& rope() const { return rope_; }
  [[nodiscard]] std::int64_t max_position_embeddings() const {
    return static_cast<std::int64_t>(max_position_embeddings_);
  }
  [[nodiscard]] bool is_beyond_original(std::int64_t seq) const {
    return static_cast<double>(seq) > *rope_.original_max_position_embeddings;
  }

 private:
  RopeConfig rope_;
  std::size_t max_position_embeddings_;
  std::vector<float> initial_;    // [d/2]
  std::vector<float> stretched_;  // [d/2]
  double attention_factor_ = 1.0;
};

/// Of the three Granite models. `longrope` chooses anew in every call. `dynamic` does not: frequencies made for a
/// longer sequence stay, over calls that have nothing to do with each other, until one is shorter than
/// max_position_embeddings.
class RotaryEmbedding {
 public:
  explicit RotaryEmbedding(const GraniteMoeConfig& config);

  /// For a call whose largest position id is `seq` - 1.
  [[nodiscard]] RopeFrequencies frequencies(std::int64_t seq);

  /// As newly built.
  void forget() { longest_ = tables_.max_position_embeddings(); }

 private:
  RotaryTables tables_;
  std::int64_t longest_;  ///< max_seq_len_cached
};

/// Of PhiMoE: no type remembers, and unless the type is the default, cosines and sines are multiplied by short_mscale
/// or, beyond the original length, by long_mscale.
class PhimoeRotaryEmbedding {
 public:
  explicit PhimoeRotaryEmbedding(const PhimoeConfig& config);

  /// For a call whose largest position id is `seq` - 1 and after which `tokens` tokens are known.
  [[nodiscard]] RopeFrequencies frequencies(std::int64_t seq, std::int64_t tokens);

 private:
  [[nodiscard]] RopeFrequencies counted(std::int64_t tokens);

  RotaryTables tables_;
  PhimoeLongrope longrope_;
};

}  // namespace assay::optimized
