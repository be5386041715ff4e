// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/attention_panels.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "optimized/blis/microkernel.hpp"
#include "optimized/ops/transpose4.hpp"

namespace assay::optimized {
namespace {

std::size_t blocks_of(std::size_t count, std::size_t block) { return (count + block - 1) / block; }

// A block of keys with its values, d = 64, is 96 KiB and stays in the second-level cache while the queries of an item
// pass over it; the scores of one panel, 12 KiB, stay in the first.
// Neither 96 or 384 keys nor 64 or 256 queries are faster at 512 or 4096 tokens (Zen 3, 512 KiB).
constexpr std::size_t block_keys_wanted = 192;
constexpr std::size_t item_queries_wanted = 128;

}  // namespace

AttentionBlocks::AttentionBlocks(const AttentionShape& shape, std::size_t batch, std::size_t queries, std::size_t keys)
    : narrow(blis::microkernel().narrow()),
      wide(blis::microkernel().wide()),
      group(shape.heads / shape.kv_heads),
      block_keys(blocks_of(block_keys_wanted, narrow) * narrow),
      key_blocks(blocks_of(keys, block_keys)),
      block_tokens(std::clamp<std::size_t>(item_queries_wanted / group, 1, std::max<std::size_t>(queries, 1))),
      token_blocks(blocks_of(queries, block_tokens)),
      panels(blocks_of(block_tokens * group, wide)),
      padded_dim(blocks_of(shape.head_dim, narrow) * narrow),
      packed_heads(batch * shape.kv_heads),
      head_dim(shape.head_dim) {
  assert(wide % 4 == 0 && "columns are packed by fours");
}

std::size_t AttentionBlocks::keys_floats() const { return block_keys * head_dim; }

std::size_t AttentionBlocks::values_floats() const { return padded_dim * block_keys; }

void pack_keys(const float* keys, std::size_t rows, const AttentionBlocks& blocks, float* packed) {
  const std::size_t head_dim = blocks.head_dim;
  for (std::size_t first = 0; first < rows; first += blocks.narrow) {
    float* panel = packed + first * head_dim;
    const std::size_t lanes = std::min(blocks.narrow, rows - first);
    const auto key = [&](std::size_t lane) { return keys + (first + lane) * head_dim; };
    if (lanes < blocks.narrow) std::fill_n(panel, head_dim * blocks.narrow, 0.0F);
    if (lanes < 4) {
      for (std::size_t i = 0; i < head_dim; ++i) {
        for (std::size_t r = 0; r < lanes; ++r) panel[i * blocks.narrow + r] = key(r)[i];
      }
      continue;
    }
    // The last four lanes may be written over some of the four before them.
    for (std::size_t next = 0; next < lanes; next += 4) {
      const std::size_t r = std::min(next, lanes - 4);
      interleave_four({key(r), key(r + 1), key(r + 2), key(r + 3)}, head_dim, panel + r, blocks.narrow);
    }
  }
}

void pack_values(const float* values, std::size_t rows, const AttentionBlocks& blocks, float* packed) {
  constexpr std::size_t four = 4 * sizeof(float);
  for (std::size_t first = 0; first < blocks.padded_dim; first += blocks.narrow) {
    float* panel = packed + first * blocks.block_keys;
    const std::size_t lanes = std::min(blocks.narrow, blocks.head_dim - first);
    if (lanes < blocks.narrow) std::fill_n(panel, rows * blocks.narrow, 0.0F);
    for (std::size_t key = 0; key < rows; ++key) {
      const float* row = values + key * blocks.head_dim + first;
      float* to = panel + key * blocks.narrow;
      if (lanes < 4) {
        for (std::size_t r = 0; r < lanes; ++r) to[r] = row[r];
        continue;
      }
      for (std::size_t r = 0; r + 4 <= lanes; r += 4) std::memcpy(to + r, row + r, four);
      std::memcpy(to + lanes - 4, row + lanes - 4, four);
    }
  }
}

void pack_queries(Rows<const float> q, const AttentionBlocks& blocks, float* packed) {
  const std::size_t columns = q.count * blocks.group;
  const std::size_t padded = blocks_of(columns, blocks.wide) * blocks.wide;
  const auto query = [&](std::size_t c) { return q[c / blocks.group] + c % blocks.group * blocks.head_dim; };
  for (std::size_t c = 0; c < padded; c += 4) {
    float* panel = packed + c / blocks.wide * blocks.head_dim * blocks.wide + c % blocks.wide;
    if (c + 4 <= columns) {
      interleave_four({query(c), query(c + 1), query(c + 2), query(c + 3)}, blocks.head_dim, panel, blocks.wide);
      continue;
    }
    for (std::size_t i = 0; i < blocks.head_dim; ++i) {
      for (std::size_t r = 0; r < 4; ++r) panel[i * blocks.wide + r] = c + r < columns ? query(c + r)[i] : 0.0F;
    }
  }
}

void unpack_output(const float* packed, const float* sums, const AttentionBlocks& blocks, Rows<float> out) {
  const std::size_t columns = out.count * blocks.group;
  const auto row = [&](std::size_t c) { return out[c / blocks.group] + c % blocks.group * blocks.head_dim; };
  for (std::size_t c = 0; c < columns; c += 4) {
    const float* panel = packed + c / blocks.wide * blocks.padded_dim * blocks.wide + c % blocks.wide;
    if (c + 4 <= columns) {
      separate_four_divided(panel, blocks.wide, blocks.head_dim, sums + c,
                            {row(c), row(c + 1), row(c + 2), row(c + 3)});
      continue;
    }
    for (std::size_t r = 0; c + r < columns; ++r) {
      for (std::size_t i = 0; i < blocks.head_dim; ++i) row(c + r)[i] = panel[i * blocks.wide + r] / sums[c + r];
    }
  }
}

}  // namespace assay::optimized
