// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "generation/padded_prompts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "model/error.hpp"

namespace assay::generation {

std::size_t PaddedPrompts::tokens() const {
  const auto mask = attention_mask.view().flat();
  return static_cast<std::size_t>(std::accumulate(mask.begin(), mask.end(), std::int64_t{0}));
}

PaddedPrompts left_pad(const std::vector<std::vector<std::int64_t>>& prompts,
                       std::optional<std::int64_t> pad_token_id) {
  if (prompts.empty()) throw Error("prompts: expected at least one, found none");
  std::size_t width = 0;
  for (std::size_t b = 0; b < prompts.size(); ++b) {
    if (prompts[b].empty()) throw Error(fmt::format("prompts: row {}: expected at least one token, found none", b));
    width = std::max(width, prompts[b].size());
  }
  PaddedPrompts padded{Tensor<std::int64_t, 2>({prompts.size(), width}),
                       Tensor<std::int64_t, 2>({prompts.size(), width})};
  for (std::size_t b = 0; b < prompts.size(); ++b) {
    const std::size_t pads = width - prompts[b].size();
    if (pads > 0 && !pad_token_id) {
      throw Error(
          fmt::format("prompts: row {}: expected {} tokens as in the longest, or a pad_token_id or eos_token_id "
                      "to pad with, found {} tokens and neither",
                      b, width, prompts[b].size()));
    }
    for (std::size_t l = 0; l < width; ++l) {
      padded.input_ids(b, l) = l < pads ? *pad_token_id : prompts[b][l - pads];
      padded.attention_mask(b, l) = l < pads ? 0 : 1;
    }
  }
  return padded;
}

}  // namespace assay::generation
