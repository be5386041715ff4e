// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blocks/kv_cache.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "tests/support/error_of.hpp"

namespace assay::optimized {
namespace {

constexpr std::size_t kv_heads = 3;
constexpr std::size_t head_dim = 5;

/// A cache that is told token after token, and what it must remember of them.
class Told {
 public:
  explicit Told(std::optional<std::size_t> window = std::nullopt) : cache(kv_heads, head_dim, window) {}

  void tell(std::size_t batch, std::size_t tokens) {
    cache.make_room(batch, tokens);
    for (std::size_t b = 0; b < batch; ++b) {
      for (std::size_t head = 0; head < kv_heads; ++head) {
        for (std::size_t token = 0; token < tokens; ++token) {
          for (std::size_t i = 0; i < head_dim; ++i) {
            cache.new_key(b, head, token)[i] = number(b, head, told_ + token, i);
            cache.new_value(b, head, token)[i] = -number(b, head, told_ + token, i);
          }
        }
      }
    }
    cache.append(tokens);
    told_ += tokens;
  }

  void forget() {
    cache.clear();
    told_ = 0;
  }

  /// The last `tokens` that it was told, through key() and value() and through view().
  void expect_last(std::size_t batch, std::size_t tokens) const {
    ASSERT_EQ(cache.tokens(), tokens);
    const KeysAndValues view = cache.view();
    for (std::size_t b = 0; b < batch; ++b) {
      for (std::size_t head = 0; head < kv_heads; ++head) {
        for (std::size_t token = 0; token < tokens; ++token) {
          for (std::size_t i = 0; i < head_dim; ++i) {
            const float expected = number(b, head, told_ - tokens + token, i);
            ASSERT_EQ(cache.key(b, head, token)[i], expected) << "row " << b << " head " << head << " token " << token;
            ASSERT_EQ(cache.value(b, head, token)[i], -expected);
            const std::size_t place = b * view.batch_stride + head * view.head_stride + token * head_dim + i;
            ASSERT_EQ(view.keys[place], expected);
            ASSERT_EQ(view.values[place], -expected);
          }
        }
      }
    }
  }

  [[nodiscard]] std::size_t capacity() const { return cache.view().head_stride / head_dim; }

  KeyValueCache cache;

 private:
  static float number(std::size_t b, std::size_t head, std::size_t token, std::size_t i) {
    return static_cast<float>(((b * kv_heads + head) * 1000 + token) * head_dim + i + 1);
  }

  std::size_t told_ = 0;
};

TEST(KeyValueCache, RemembersWhatItWasToldHoweverOftenItGrows) {
  Told told;
  std::size_t tokens = 0;
  for (const std::size_t more : {1U, 15U, 1U, 40U, 3U, 200U}) {
    told.tell(2, more);
    tokens += more;
    told.expect_last(2, tokens);
  }
}

TEST(KeyValueCache, StaysWhereItIsWhileThereIsRoom) {
  Told told;
  told.cache.make_room(2, 50);
  const float* const keys = told.cache.view().keys;
  const std::size_t capacity = told.capacity();
  for (int i = 0; i < 50; ++i) told.tell(2, 1);
  EXPECT_EQ(told.cache.view().keys, keys);
  EXPECT_EQ(told.capacity(), capacity);
  told.expect_last(2, 50);
}

TEST(KeyValueCache, OfAWindowForgetsAllButItsLastTokens) {
  Told told(4);
  told.tell(2, 2);
  told.cache.crop();
  told.expect_last(2, 2);
  told.tell(2, 9);
  told.expect_last(2, 11);
  told.cache.crop();
  told.expect_last(2, 3);
}

TEST(KeyValueCache, OfAWindowDoesNotGrowWithTheSequence) {
  Told told(4);
  told.tell(2, 6);
  const std::size_t capacity = told.capacity();
  for (int i = 0; i < 200; ++i) {
    told.cache.crop();
    told.tell(2, 1);
    told.expect_last(2, 4);
  }
  EXPECT_EQ(told.capacity(), capacity);
}

TEST(KeyValueCache, TakesAnotherBatchOnceItIsEmpty) {
  Told told;
  for (const std::size_t batch : {3U, 1U, 4U, 2U}) {
    told.tell(batch, 7);
    told.tell(batch, 20);
    told.expect_last(batch, 27);
    told.forget();
    EXPECT_EQ(told.cache.tokens(), 0U);
  }
}

TEST(KeyValueCache, KeepsItsMemoryForASmallerBatch) {
  Told told;
  told.tell(3, 20);
  const float* const keys = told.cache.view().keys;
  told.forget();
  told.tell(1, 60);
  EXPECT_EQ(told.cache.view().keys, keys);
  told.expect_last(1, 60);
}

TEST(KeyValueCache, SaysWhatMemoryDoesNotHold) {
  Told told;
  told.tell(1, 5);
  const std::string error = test::error_of([&] { told.cache.make_room(1, (std::size_t{1} << 40) - 5); });
  EXPECT_TRUE(
      error.starts_with("cache: expected 122880.00 GiB for 1 rows of 1099511627776 tokens in one layer, found "))
      << error;
  EXPECT_TRUE(error.ends_with(" GiB available")) << error;
  told.expect_last(1, 5);
}

}  // namespace
}  // namespace assay::optimized
