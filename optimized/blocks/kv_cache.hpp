// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The keys and values that one attention layer remembers: room for a capacity, filled from the front; a sliding window
// forgets by moving its beginning.
#pragma once

#include <cstddef>
#include <optional>

#include "optimized/aligned_buffer.hpp"
#include "optimized/ops/attention.hpp"

namespace assay::optimized {

class KeyValueCache {
 public:
  KeyValueCache(std::size_t kv_heads, std::size_t head_dim, std::optional<std::size_t> sliding_window)
      : kv_heads_(kv_heads), head_dim_(head_dim), window_(sliding_window) {}

  void clear() { first_ = count_ = 0; }

  /// Room for `tokens` more of each of `batch` rows (which is that of the tokens held, where there are any). Throws
  /// Error where memory does not hold it.
  void make_room(std::size_t batch, std::size_t tokens);

  /// Where token `token` of those that make_room() made room for goes.
  [[nodiscard]] float* new_key(std::size_t b, std::size_t head, std::size_t token) const {
    return keys_.as<float>() + place(b, head, first_ + count_ + token);
  }
  [[nodiscard]] float* new_value(std::size_t b, std::size_t head, std::size_t token) const {
    return values_.as<float>() + place(b, head, first_ + count_ + token);
  }

  /// Takes in `tokens` that were written.
  void append(std::size_t tokens) { count_ += tokens; }
  /// Forgets what the sliding window W does not need for the next call: all but the last W - 1.
  void crop();

  /// What it has taken, filled or not.
  [[nodiscard]] std::size_t bytes() const { return keys_.bytes().size() + values_.bytes().size(); }

  [[nodiscard]] std::size_t tokens() const { return count_; }
  [[nodiscard]] float* key(std::size_t b, std::size_t head, std::size_t token) const {
    return keys_.as<float>() + place(b, head, first_ + token);
  }
  [[nodiscard]] float* value(std::size_t b, std::size_t head, std::size_t token) const {
    return values_.as<float>() + place(b, head, first_ + token);
  }
  [[nodiscard]] KeysAndValues view() const {
    return {key(0, 0, 0), value(0, 0, 0), kv_heads_ * capacity_ * head_dim_, capacity_ * head_dim_};
  }

 private:
  [[nodiscard]] std::size_t place(std::size_t b, std::size_t head, std::size_t token) const {
    return ((b * kv_heads_ + head) * capacity_ + token) * head_dim_;
  }
  void move_to(AlignedBuffer& keys, AlignedBuffer& values, std::size_t capacity);

  std::size_t kv_heads_;
  std::size_t head_dim_;
  std::optional<std::size_t> window_;
  std::size_t batch_ = 0;
  std::size_t capacity_ = 0;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  AlignedBuffer keys_;    // [B, KV, capacity, d]
  AlignedBuffer values_;  // [B, KV, capacity, d]
};

}  // namespace assay::optimized
