// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The growing rows of a batch, and the calls that transformers' generate makes of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "generation/padded_prompts.hpp"
#include "model/call.hpp"

namespace assay::generation {

/// Ids, mask and positions as GenerationMixin keeps them (5.23.0, generation/utils.py): position_ids start as
/// cumsum(attention_mask) - 1, 0 at a pad (_prepare_position_ids_for_generation); a new token is one behind the last
/// column and its mask is 1, also in a finished row (_update_model_kwargs_for_generation). Takes its memory
/// when it is made.
class Sequences {
 public:
  /// Room for `max_new_tokens` tokens a row.
  Sequences(const PaddedPrompts& prompts, std::size_t max_new_tokens);

  [[nodiscard]] std::size_t rows() const { return ids_.size(); }
  [[nodiscard]] std::size_t length() const { return length_; }
  [[nodiscard]] std::span<const std::int64_t> row(std::size_t b) const { return ids_[b]; }

  /// A column of new tokens, one a row.
  void append(std::span<const std::int64_t> tokens);

  /// The whole rows, with the logits of the last column. Without a pad there is neither mask nor positions: the default
  /// is the same then. Borrows from this until the next call of either.
  [[nodiscard]] Call whole(bool use_cache) { return call_of(0, use_cache); }

  /// The last column, going on with a cache of the others.
  [[nodiscard]] Call last() { return call_of(length_ - 1, true); }

 private:
  using Rows = std::vector<std::vector<std::int64_t>>;

  [[nodiscard]] Call call_of(std::size_t first, bool use_cache);

  std::size_t length_;
  bool has_pads_;
  Rows ids_;                            // [rows][length]
  Rows mask_;                           // the same; empty without a pad
  Rows positions_;                      // the same
  std::vector<std::int64_t> call_ids_;  // dense copies of the columns of a call
  std::vector<std::int64_t> call_mask_;
  std::vector<std::int64_t> call_positions_;
};

}  // namespace assay::generation
