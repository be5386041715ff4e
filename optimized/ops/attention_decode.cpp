// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Attention of a few queries over many keys. The keys of a head are cut into chunks of one size; each gives a softmax
// of its own for all queries that read the head, and the chunks are merged in their order ("flash decoding": Dao,
// Haziza, Massa and Sizov 2023).
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "optimized/ops/attention.hpp"
#include "optimized/ops/mean_of_values.hpp"
#include "optimized/ops/online_softmax.hpp"
#include "optimized/ops/row_products.hpp"

namespace assay::optimized {
namespace {

// Keys and values of a chunk, d = 64, are 128 KiB: its values are fetched while its scores are still in the cache.
constexpr std::size_t chunk_keys = 256;

// Below this a thread takes longer to wake than to read its part of the keys and values.
constexpr std::size_t worthwhile_elements = 32768;

std::size_t whole_lines(std::size_t floats) { return (floats + 15) / 16 * 16; }

/// Where the parts of the scratch begin, in floats.
struct DecodeLayout {
  DecodeLayout(const AttentionShape& shape, std::size_t batch, std::size_t queries, std::size_t keys)
      : group(shape.heads / shape.kv_heads),
        rows(queries * group),
        chunks((keys + chunk_keys - 1) / chunk_keys),
        maximum(rows * shape.head_dim),
        sum(maximum + rows),
        partial_floats(whole_lines(sum + rows)),
        threads(batch * shape.kv_heads * chunks * partial_floats),
        scores(whole_lines(rows * shape.head_dim)),
        thread_floats(scores + rows * chunk_keys) {}

  std::size_t group;   ///< query heads of a key head
  std::size_t rows;    ///< queries that read a key head: L * group, token by token
  std::size_t chunks;  ///< of a key head
  // Of each chunk, from its own beginning, where its weighted values [rows, d] are:
  std::size_t maximum;
  std::size_t sum;
  std::size_t partial_floats;
  std::size_t threads;
  // Of each thread, from its own beginning, where its queries [rows, d] are:
  std::size_t scores;
  std::size_t thread_floats;
};

struct Decode {
  Rows<const float> q;
  const KeysAndValues& cache;
  const Visibility& visibility;
  const AttentionShape& shape;
  Rows<float> out;
  float* scratch;
  DecodeLayout layout;

  [[nodiscard]] std::size_t row_of(std::size_t head, std::size_t r) const {
    return head / shape.kv_heads * visibility.queries + r / layout.group;
  }
  [[nodiscard]] std::size_t column_of(std::size_t head, std::size_t r) const {
    return (head % shape.kv_heads * layout.group + r % layout.group) * shape.head_dim;
  }
  [[nodiscard]] std::size_t cache_offset(std::size_t head) const {
    return head / shape.kv_heads * cache.batch_stride + head % shape.kv_heads * cache.head_stride;
  }
  [[nodiscard]] Range keys_of(std::size_t head, std::size_t chunk) const {
    return shown_range(visibility, head / shape.kv_heads, {0, visibility.queries},
                       {chunk * chunk_keys, std::min((chunk + 1) * chunk_keys, visibility.keys)});
  }
  [[nodiscard]] float* partial(std::size_t head, std::size_t chunk) const {
    return scratch + (head * layout.chunks + chunk) * layout.partial_floats;
  }
};

void hide(const Decode& decode, std::size_t b, Range keys, float* scores) {
  const Range queries{0, decode.visibility.queries};
  if (tile_is_full(decode.visibility, b, queries, keys)) return;
  for (std::size_t key = keys.first; key < keys.last; ++key) {
    const Range seeing = seen_by(decode.visibility, b, key);
    for (std::size_t r = 0; r < decode.layout.rows; ++r) {
      const std::size_t token = r / decode.layout.group;
      if (token >= seeing.first && token < seeing.last) continue;
      scores[r * chunk_keys + key - keys.first] = -std::numeric_limits<float>::infinity();
    }
  }
}

/// The softmax of one chunk and its weighted values. `head` counts the key heads of all rows of the batch.
void attend_chunk(const Decode& decode, std::size_t head, std::size_t chunk, float* own) {
  const DecodeLayout& layout = decode.layout;
  const std::size_t head_dim = decode.shape.head_dim;
  const Range keys = decode.keys_of(head, chunk);
  if (keys.count() == 0) return;
  for (std::size_t r = 0; r < layout.rows; ++r) {
    std::copy_n(decode.q[decode.row_of(head, r)] + decode.column_of(head, r), head_dim, own + r * head_dim);
  }
  float* scores = own + layout.scores;  // [rows, chunk keys]
  float* partial = decode.partial(head, chunk);
  const std::size_t offset = decode.cache_offset(head) + keys.first * head_dim;
  row_scores(own, layout.rows, decode.cache.keys + offset, keys.count(), head_dim, decode.shape.scale, scores,
             chunk_keys);
  hide(decode, head / decode.shape.kv_heads, keys, scores);
  for (std::size_t r = 0; r < layout.rows; ++r) {
    partial[layout.sum + r] = exponentials(scores + r * chunk_keys, keys.count(), partial[layout.maximum + r]);
  }
  weighted_values(scores, chunk_keys, layout.rows, decode.cache.values + offset, keys.count(), head_dim, partial);
}

/// The output of one query from the chunks of its keys.
void merge_row(const Decode& decode, std::size_t head, std::size_t r) {
  const DecodeLayout& layout = decode.layout;
  const std::size_t head_dim = decode.shape.head_dim;
  float* out = decode.out[decode.row_of(head, r)] + decode.column_of(head, r);
  if (sees_nothing(decode.visibility, head / decode.shape.kv_heads, r / layout.group)) {
    mean_of_values(decode.cache.values + decode.cache_offset(head), decode.visibility.keys, head_dim, out);
    return;
  }
  float maximum = std::numeric_limits<float>::lowest();
  for (std::size_t chunk = 0; chunk < layout.chunks; ++chunk) {
    if (decode.keys_of(head, chunk).count() == 0) continue;
    maximum = std::max(maximum, decode.partial(head, chunk)[layout.maximum + r]);
  }
  std::fill_n(out, head_dim, 0.0F);
  float sum = 0.0F;
  for (std::size_t chunk = 0; chunk < layout.chunks; ++chunk) {
    if (decode.keys_of(head, chunk).count() == 0) continue;
    const float* partial = decode.partial(head, chunk);
    const float factor = std::exp(partial[layout.maximum + r] - maximum);
    sum += factor * partial[layout.sum + r];
    for (std::size_t i = 0; i < head_dim; ++i) out[i] += factor * partial[r * head_dim + i];
  }
  for (std::size_t i = 0; i < head_dim; ++i) out[i] /= sum;
}

}  // namespace

std::size_t attention_decode_scratch(const AttentionShape& shape, std::size_t batch, std::size_t queries,
                                     std::size_t keys, const Threads& threads) {
  const DecodeLayout layout(shape, batch, queries, keys);
  return layout.threads + threads.count() * whole_lines(layout.thread_floats);
}

void attention_decode(Rows<const float> q, const KeysAndValues& cache, const Visibility& visibility,
                      const AttentionShape& shape, Rows<float> out, float* scratch, const Threads& threads) {
  assert(q.count == visibility.batch * visibility.queries && "a row of queries for each token");
  const Decode decode{q,
                      cache,
                      visibility,
                      shape,
                      out,
                      scratch,
                      DecodeLayout(shape, visibility.batch, visibility.queries, visibility.keys)};
  const DecodeLayout& layout = decode.layout;
  const std::size_t heads = visibility.batch * shape.kv_heads;
  const std::size_t read = 2 * heads * visibility.keys * shape.head_dim;
  const Threads workers(read < worthwhile_elements ? 1 : threads.count());
  workers.run([&](std::size_t part) {
    float* own = scratch + layout.threads + part * whole_lines(layout.thread_floats);
    const Range chunks = part_of(heads * layout.chunks, workers.count(), part);
    for (std::size_t index = chunks.first; index < chunks.last; ++index) {
      attend_chunk(decode, index / layout.chunks, index % layout.chunks, own);
    }
  });
  const std::size_t row_elements = layout.chunks * shape.head_dim;
  workers.split(heads * layout.rows, worthwhile_elements / row_elements + 1, [&](Range rows) {
    for (std::size_t index = rows.first; index < rows.last; ++index) {
      merge_row(decode, index / layout.rows, index % layout.rows);
    }
  });
}

}  // namespace assay::optimized
