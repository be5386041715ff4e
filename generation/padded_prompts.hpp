// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Prompts of different lengths as one batch, as a tokenizer with padding_side="left" gives them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/tensor.hpp"

namespace assay::generation {

struct PaddedPrompts {
  Tensor<std::int64_t, 2> input_ids;       ///< [B, L]
  Tensor<std::int64_t, 2> attention_mask;  ///< [B, L]: 1, and 0 at a pad

  [[nodiscard]] std::size_t rows() const { return input_ids.extent(0); }
  [[nodiscard]] std::size_t width() const { return input_ids.extent(1); }
  /// Tokens that are not pads, of all rows.
  [[nodiscard]] std::size_t tokens() const;
};

/// Every id that is given is a token, also one that equals the pad. Throws Error where the prompts differ in length and
/// there is no pad, and where there are no prompts or an empty one.
[[nodiscard]] PaddedPrompts left_pad(const std::vector<std::vector<std::int64_t>>& prompts,
                                     std::optional<std::int64_t> pad_token_id);

}  // namespace assay::generation
