// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blocks/kv_cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "model/error.hpp"
#include "optimized/memory.hpp"

namespace assay::optimized {
namespace {

/// Growing by half keeps the copying a constant part of what is computed per token.
std::size_t grown(std::size_t capacity, std::size_t needed) {
  return std::max({needed, capacity + capacity / 2, std::size_t{16}});
}

}  // namespace

void KeyValueCache::make_room(std::size_t batch, std::size_t tokens) {
  if (count_ == 0) first_ = 0;
  if (batch == batch_ && first_ + count_ + tokens <= capacity_) return;
  if (count_ == 0 && batch != batch_) {
    // The same memory, cut otherwise.
    batch_ = batch;
    capacity_ = keys_.bytes().size() / (batch * kv_heads_ * head_dim_ * sizeof(float));
  }
  const std::size_t needed = count_ + tokens;
  if (needed > capacity_) {
    const std::size_t capacity = grown(capacity_, needed);
    const std::size_t bytes = batch * kv_heads_ * capacity * head_dim_ * sizeof(float);
    if (2 * bytes > available_bytes()) {
      throw Error(fmt::format("cache: expected {} for {} rows of {} tokens in one layer, found {} available",
                              gibibytes(2 * bytes), batch, needed, gibibytes(available_bytes())));
    }
    if (count_ == 0) {
      // The old memory first: they need not fit beside each other.
      keys_ = AlignedBuffer();
      values_ = AlignedBuffer();
      capacity_ = 0;
    }
    AlignedBuffer keys(bytes);
    AlignedBuffer values(bytes);
    move_to(keys, values, capacity);
    keys_ = std::move(keys);
    values_ = std::move(values);
    capacity_ = capacity;
  } else {
    move_to(keys_, values_, capacity_);
  }
  first_ = 0;
}

/// From the window's beginning to the front of the buffers, which may be the same.
void KeyValueCache::move_to(AlignedBuffer& keys, AlignedBuffer& values, std::size_t capacity) {
  if (count_ == 0) return;
  for (std::size_t row = 0; row < batch_ * kv_heads_; ++row) {
    const std::size_t from = (row * capacity_ + first_) * head_dim_;
    const std::size_t to = row * capacity * head_dim_;
    std::memmove(keys.as<float>() + to, keys_.as<float>() + from, count_ * head_dim_ * sizeof(float));
    std::memmove(values.as<float>() + to, values_.as<float>() + from, count_ * head_dim_ * sizeof(float));
  }
}

void KeyValueCache::crop() {
  if (!window_ || count_ <= *window_ - 1) return;
  first_ += count_ - (*window_ - 1);
  count_ = *window_ - 1;
}

}  // namespace assay::optimized
