// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a model turns queries and keys by in one call: GraniteMoeRotaryEmbedding under dynamic_rope_update, and
// PhimoeRotaryEmbedding (transformers 5.23.0). The first remembers, as long as the model lives.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/call.hpp"
#include "model/config/granite_moe.hpp"
#include "model/config/phimoe.hpp"
#include "reference/ops/rope_frequencies.hpp"

namespace assay::reference {

/// Of the three Granite models. `longrope` chooses anew in every call. `dynamic` does not: frequencies made for a
/// longer sequence stay, over calls that have nothing to do with each other, until one is shorter than
/// max_position_embeddings.
class RotaryEmbedding {
 public:
  /// Throws Error as rope_frequencies does.
  explicit RotaryEmbedding(const GraniteMoeConfig& config);

  /// For a call whose largest position id is `seq` - 1.
  [[nodiscard]] RopeFrequencies frequencies(std::int64_t seq);

  /// As newly built.
  void forget() { longest_ = shortest(); }

 private:
  [[nodiscard]] std::int64_t shortest() const { return static_cast<std::int64_t>(max_position_embeddings_); }

  RopeConfig rope_;
  std::size_t head_dim_;
  std::size_t max_position_embeddings_;
  std::int64_t longest_;  ///< max_seq_len_cached: the length that the frequencies of `dynamic` are made for
};

/// Of PhiMoE: no type remembers, and unless the type is the default, cosines and sines are multiplied by short_mscale
/// or, beyond the original length, by long_mscale.
class PhimoeRotaryEmbedding {
 public:
  /// Throws Error as rope_frequencies does.
  explicit PhimoeRotaryEmbedding(const PhimoeConfig& config);

  /// For a call whose largest position id is `seq` - 1 and after which `tokens` tokens are known.
  [[nodiscard]] RopeFrequencies frequencies(std::int64_t seq, std::int64_t tokens) const;

 private:
  RopeConfig rope_;
  std::size_t head_dim_;
  std::size_t max_position_embeddings_;
  PhimoeLongrope longrope_;
};

}  // namespace assay::reference
