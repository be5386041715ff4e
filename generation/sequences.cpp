// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "generation/sequences.hpp"

namespace assay::generation {

Sequences::Sequences(const PaddedPrompts& prompts, std::size_t max_new_tokens)
    : length_(prompts.width()), has_pads_(prompts.tokens() < prompts.rows() * prompts.width()), ids_(prompts.rows()) {
  // Only reserved: of a run that ends early the system never sees the rest.
  const std::size_t capacity = length_ + max_new_tokens;
  call_ids_.reserve(rows() * capacity);
  for (std::size_t b = 0; b < rows(); ++b) {
    ids_[b].reserve(capacity);
    const auto row = prompts.input_ids.view()[b].flat();
    ids_[b].assign(row.begin(), row.end());
  }
  if (!has_pads_) return;
  mask_.resize(rows());
  positions_.resize(rows());
  call_mask_.reserve(rows() * capacity);
  call_positions_.reserve(rows() * capacity);
  for (std::size_t b = 0; b < rows(); ++b) {
    mask_[b].reserve(capacity);
    positions_[b].reserve(capacity);
    std::int64_t seen = 0;
    for (const std::int64_t value : prompts.attention_mask.view()[b].flat()) {
      seen += value;
      mask_[b].push_back(value);
      positions_[b].push_back(value == 0 ? 0 : seen - 1);
    }
  }
}

void Sequences::append(std::span<const std::int64_t> tokens) {
  for (std::size_t b = 0; b < rows(); ++b) {
    ids_[b].push_back(tokens[b]);
    if (!has_pads_) continue;
    mask_[b].push_back(1);
    positions_[b].push_back(positions_[b].back() + 1);
  }
  ++length_;
}

Call Sequences::call_of(std::size_t first, bool use_cache) {
  const auto columns = [&](const Rows& from, std::size_t column, std::vector<std::int64_t>& to) {
    to.clear();
    for (const auto& row : from) to.insert(to.end(), row.begin() + static_cast<std::ptrdiff_t>(column), row.end());
    return View<const std::int64_t, 2>(to.data(), {from.size(), length_ - column});
  };
  Call call;
  call.input_ids = columns(ids_, first, call_ids_);
  if (has_pads_) {
    call.attention_mask = columns(mask_, 0, call_mask_);
    call.position_ids = columns(positions_, first, call_positions_);
  }
  call.use_cache = use_cache;
  call.continues = first > 0;
  call.logits_to_keep = 1;
  return call;
}

}  // namespace assay::generation
