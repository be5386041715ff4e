// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Attention of many queries. Keys and values are packed once; a work item is a block of tokens with all query heads of
// one key head, which goes over the keys a block at a time.
#include <algorithm>
#include <cassert>
#include <limits>

#include "optimized/blis/microkernel.hpp"
#include "optimized/ops/attention.hpp"
#include "optimized/ops/attention_panels.hpp"
#include "optimized/ops/mean_of_values.hpp"
#include "optimized/ops/online_softmax.hpp"

namespace assay::optimized {
namespace {

// Of a query with a key, element by element; below this a thread takes longer to wake than it saves.
constexpr std::size_t worthwhile_products = 131072;

std::size_t whole_lines(std::size_t floats) { return (floats + 15) / 16 * 16; }

/// Where the parts of the scratch begin, in floats.
struct PrefillLayout {
  explicit PrefillLayout(const AttentionBlocks& blocks)
      : keys_block(whole_lines(blocks.keys_floats())),
        values_block(whole_lines(blocks.values_floats())),
        values(blocks.packed_heads * blocks.key_blocks * keys_block),
        threads(values + blocks.packed_heads * blocks.key_blocks * values_block),
        output(whole_lines(blocks.panels * blocks.head_dim * blocks.wide)),
        scores(output + whole_lines(blocks.panels * blocks.padded_dim * blocks.wide)),
        maximum(scores + whole_lines(blocks.block_keys * blocks.wide)),
        sum(maximum + whole_lines(blocks.panels * blocks.wide)),
        rescale(sum + whole_lines(blocks.panels * blocks.wide)),
        mean(rescale + whole_lines(blocks.wide)),
        thread_floats(mean + whole_lines(blocks.head_dim)) {}

  std::size_t keys_block;    ///< floats of a packed block of keys; they begin at 0
  std::size_t values_block;  ///< floats of a packed block of values
  std::size_t values;
  std::size_t threads;
  // Of each thread, from its own beginning, where its packed queries are:
  std::size_t output;
  std::size_t scores;
  std::size_t maximum;
  std::size_t sum;
  std::size_t rescale;
  std::size_t mean;
  std::size_t thread_floats;
};

struct Prefill {
  Rows<const float> q;
  const KeysAndValues& cache;
  const Visibility& visibility;
  const AttentionShape& shape;
  Rows<float> out;
  float* scratch;
  AttentionBlocks blocks;
  PrefillLayout layout;
};

/// A block of tokens of one key head of one row of the batch.
struct Item {
  std::size_t b;
  std::size_t kv;
  Range tokens;
};

Item item_of(const Prefill& prefill, std::size_t index) {
  const AttentionBlocks& blocks = prefill.blocks;
  const std::size_t head = index / blocks.token_blocks;
  const std::size_t first = index % blocks.token_blocks * blocks.block_tokens;
  return {head / prefill.shape.kv_heads,
          head % prefill.shape.kv_heads,
          {first, std::min(first + blocks.block_tokens, prefill.visibility.queries)}};
}

/// About how many keys an item goes over; a constant for what it does besides.
std::size_t cost_of(const Prefill& prefill, const Item& item) {
  const Range keys = shown_range(prefill.visibility, item.b, item.tokens, {0, prefill.visibility.keys});
  return (keys.count() + 32) * item.tokens.count();
}

void pack_block(const Prefill& prefill, std::size_t index) {
  const AttentionBlocks& blocks = prefill.blocks;
  const std::size_t head = index / blocks.key_blocks;
  const std::size_t first = index % blocks.key_blocks * blocks.block_keys;
  const std::size_t rows = std::min(blocks.block_keys, prefill.visibility.keys - first);
  const std::size_t offset = head / prefill.shape.kv_heads * prefill.cache.batch_stride +
                             head % prefill.shape.kv_heads * prefill.cache.head_stride + first * blocks.head_dim;
  pack_keys(prefill.cache.keys + offset, rows, blocks, prefill.scratch + index * prefill.layout.keys_block);
  pack_values(prefill.cache.values + offset, rows, blocks,
              prefill.scratch + prefill.layout.values + index * prefill.layout.values_block);
}

/// Scores that the tile must not show become -inf.
void hide(const Prefill& prefill, const Item& item, std::size_t panel, Range queries, Range keys, float* scores) {
  const AttentionBlocks& blocks = prefill.blocks;
  const bool by_place_only = prefill.visibility.key_mask == nullptr && prefill.visibility.segments == nullptr;
  const Range shown_to_all = by_place_only ? common_range(prefill.visibility, queries) : Range{};
  const std::size_t first_column = panel * blocks.wide;
  const auto column = [&](std::size_t token) {
    const std::size_t index = token > item.tokens.first ? (token - item.tokens.first) * blocks.group : 0;
    return std::clamp(index, first_column, first_column + blocks.wide) - first_column;
  };
  constexpr float hidden = -std::numeric_limits<float>::infinity();
  for (std::size_t key = keys.first; key < keys.last; ++key) {
    if (key >= shown_to_all.first && key < shown_to_all.last) continue;
    const Range seeing = seen_by(prefill.visibility, item.b, key);
    float* row = scores + (key - keys.first) * blocks.wide;
    std::fill(row, row + column(seeing.first), hidden);
    std::fill(row + column(seeing.last), row + blocks.wide, hidden);
  }
}

/// Takes a block of keys into the running softmax and the output of one panel of queries.
void attend_block(const Prefill& prefill, const Item& item, std::size_t panel, std::size_t block, float* own) {
  const AttentionBlocks& blocks = prefill.blocks;
  const PrefillLayout& layout = prefill.layout;
  const blis::Microkernel& kernel = blis::microkernel();
  const std::size_t last_column = std::min((panel + 1) * blocks.wide, item.tokens.count() * blocks.group) - 1;
  const Range queries{item.tokens.first + panel * blocks.wide / blocks.group,
                      item.tokens.first + last_column / blocks.group + 1};
  const std::size_t first_key = block * blocks.block_keys;
  const Range keys = shown_range(prefill.visibility, item.b, queries,
                                 {first_key, std::min(first_key + blocks.block_keys, prefill.visibility.keys)});
  if (keys.count() == 0) return;

  const std::size_t index = (item.b * prefill.shape.kv_heads + item.kv) * blocks.key_blocks + block;
  const float* packed_keys = prefill.scratch + index * layout.keys_block;
  const float* packed_values = prefill.scratch + layout.values + index * layout.values_block;
  const float* packed_queries = own + panel * blocks.head_dim * blocks.wide;
  float* scores = own + layout.scores;  // [block keys, wide]
  for (std::size_t key = (keys.first - first_key) / blocks.narrow * blocks.narrow; key < keys.last - first_key;
       key += blocks.narrow) {
    kernel(blocks.head_dim, packed_keys + key * blocks.head_dim, packed_queries, 0.0F, scores + key * blocks.wide,
           blocks.wide);
  }

  float* shown = scores + (keys.first - first_key) * blocks.wide;
  float scale = prefill.shape.scale;
  if (!tile_is_full(prefill.visibility, item.b, queries, keys)) {
    if (!(scale > 0.0F)) {  // it would turn -inf into NaN or inf
      std::for_each_n(shown, keys.count() * blocks.wide, [scale](float& score) { score *= scale; });
      scale = 1.0F;
    }
    hide(prefill, item, panel, queries, keys, shown);
  }
  const RunningSoftmax softmax{own + layout.maximum + panel * blocks.wide, own + layout.sum + panel * blocks.wide};
  float* output = own + layout.output + panel * blocks.padded_dim * blocks.wide;
  float* rescale = own + layout.rescale;
  if (continue_softmax(shown, keys.count(), blocks.wide, scale, softmax, rescale)) {
    scale_columns(output, blocks.padded_dim, blocks.wide, rescale);
  }
  for (std::size_t i = 0; i < blocks.padded_dim; i += blocks.narrow) {
    kernel(keys.count(), packed_values + i * blocks.block_keys + (keys.first - first_key) * blocks.narrow, shown, 1.0F,
           output + i * blocks.wide, blocks.wide);
  }
}

/// Tokens that see nothing are no part of the softmax: its sum is 0 for them.
void write_uniform(const Prefill& prefill, const Item& item, Rows<float> out, float* mean) {
  const std::size_t head_dim = prefill.blocks.head_dim;
  bool known = false;
  for (std::size_t token = item.tokens.first; token < item.tokens.last; ++token) {
    if (!sees_nothing(prefill.visibility, item.b, token)) continue;
    if (!known) {
      const std::size_t offset = item.b * prefill.cache.batch_stride + item.kv * prefill.cache.head_stride;
      mean_of_values(prefill.cache.values + offset, prefill.visibility.keys, head_dim, mean);
      known = true;
    }
    for (std::size_t head = 0; head < prefill.blocks.group; ++head) {
      std::copy_n(mean, head_dim, out[token - item.tokens.first] + head * head_dim);
    }
  }
}

void attend(const Prefill& prefill, const Item& item, float* own) {
  const AttentionBlocks& blocks = prefill.blocks;
  const PrefillLayout& layout = prefill.layout;
  const std::size_t first_row = item.b * prefill.visibility.queries + item.tokens.first;
  const std::size_t group_dim = blocks.group * blocks.head_dim;
  const auto part = [&](auto rows) {
    return rows.part(first_row, item.tokens.count()).columns(item.kv * group_dim, group_dim);
  };
  const std::size_t panels = (item.tokens.count() * blocks.group + blocks.wide - 1) / blocks.wide;
  pack_queries(part(prefill.q), blocks, own);
  begin_softmax({own + layout.maximum, own + layout.sum}, panels * blocks.wide);
  float* output = own + layout.output;
  std::fill_n(output, panels * blocks.padded_dim * blocks.wide, 0.0F);
  const Range keys = shown_range(prefill.visibility, item.b, item.tokens, {0, prefill.visibility.keys});
  for (std::size_t block = keys.first / blocks.block_keys; block * blocks.block_keys < keys.last; ++block) {
    for (std::size_t panel = 0; panel < panels; ++panel) attend_block(prefill, item, panel, block, own);
  }
  unpack_output(output, own + layout.sum, blocks, part(prefill.out));
  if (prefill.visibility.key_mask != nullptr) write_uniform(prefill, item, part(prefill.out), own + layout.mean);
}

}  // namespace

std::size_t attention_prefill_scratch(const AttentionShape& shape, std::size_t batch, std::size_t queries,
                                      std::size_t keys, const Threads& threads) {
  const PrefillLayout layout(AttentionBlocks(shape, batch, queries, keys));
  return layout.threads + threads.count() * layout.thread_floats;
}

void attention_prefill(Rows<const float> q, const KeysAndValues& cache, const Visibility& visibility,
                       const AttentionShape& shape, Rows<float> out, float* scratch, const Threads& threads) {
  const AttentionBlocks blocks(shape, visibility.batch, visibility.queries, visibility.keys);
  const Prefill prefill{q, cache, visibility, shape, out, scratch, blocks, PrefillLayout(blocks)};
  assert(q.count == visibility.batch * visibility.queries && "a row of queries for each token");

  const std::size_t products = q.count * visibility.keys * q.width;
  const Threads workers(products < worthwhile_products ? 1 : threads.count());
  workers.split(blocks.packed_heads * blocks.key_blocks, 2, [&](Range range) {
    for (std::size_t index = range.first; index < range.last; ++index) pack_block(prefill, index);
  });

  const std::size_t items = blocks.packed_heads * blocks.token_blocks;
  std::size_t all = 0;
  for (std::size_t index = 0; index < items; ++index) all += cost_of(prefill, item_of(prefill, index));
  workers.run([&](std::size_t part) {
    // The items whose middle lies in this part of the whole cost. Each item is computed alike wherever it falls.
    float* own = scratch + prefill.layout.threads + part * prefill.layout.thread_floats;
    std::size_t before = 0;
    for (std::size_t index = 0; index < items; ++index) {
      const Item item = item_of(prefill, index);
      const std::size_t cost = cost_of(prefill, item);
      if ((before + cost / 2) * workers.count() / all == part) attend(prefill, item, own);
      before += cost;
    }
  });
}

}  // namespace assay::optimized
