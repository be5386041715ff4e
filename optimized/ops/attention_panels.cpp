// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/attention_panels.hpp"

#include <algorithm>

#include "optimized/blis/microkernel.hpp"

namespace assay::optimized {
namespace {

std::size_t blocks_of(std::size_t count, std::size_t block) { return (count + block - 1) / block; }

// A block of keys with its values, d = 64, is 96 KiB and stays in the second-level cache while the queries of an item
// pass over it; the scores of one panel, 12 KiB, stay in the first.
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
      head_dim(shape.head_dim) {}

std::size_t AttentionBlocks::keys_floats() const { return block_keys * head_dim; }

std::size_t AttentionBlocks::values_floats() const { return padded_dim * block_keys; }

void pack_keys(const float* keys, std::size_t rows, const AttentionBlocks& blocks, float* packed) {
  for (std::size_t first = 0; first < rows; first += blocks.narrow) {
    float* panel = packed + first * blocks.head_dim;
    const std::size_t lanes = std::min(blocks.narrow, rows - first);
    for (std::size_t i = 0; i < blocks.head_dim; ++i) {
      for (std::size_t r = 0; r < lanes; ++r) panel[i * blocks.narrow + r] = keys[(first + r) * blocks.head_dim + i];
      for (std::size_t r = lanes; r < blocks.narrow; ++r) panel[i * blocks.narrow + r] = 0.0F;
    }
  }
}

void pack_values(const float* values, std::size_t rows, const AttentionBlocks& blocks, float* packed) {
  for (std::size_t first = 0; first < blocks.padded_dim; first += blocks.narrow) {
    float* panel = packed + first * blocks.block_keys;
    const std::size_t lanes = std::min(blocks.narrow, blocks.head_dim - first);
    for (std::size_t key = 0; key < rows; ++key) {
      const float* row = values + key * blocks.head_dim + first;
      for (std::size_t r = 0; r < lanes; ++r) panel[key * blocks.narrow + r] = row[r];
      for (std::size_t r = lanes; r < blocks.narrow; ++r) panel[key * blocks.narrow + r] = 0.0F;
    }
  }
}

void pack_queries(Rows<const float> q, const AttentionBlocks& blocks, float* packed) {
  const std::size_t columns = q.count * blocks.group;
  const std::size_t padded = blocks_of(columns, blocks.wide) * blocks.wide;
  for (std::size_t c = 0; c < padded; ++c) {
    float* panel = packed + c / blocks.wide * blocks.head_dim * blocks.wide + c % blocks.wide;
    if (c < columns) {
      const float* row = q[c / blocks.group] + c % blocks.group * blocks.head_dim;
      for (std::size_t i = 0; i < blocks.head_dim; ++i) panel[i * blocks.wide] = row[i];
    } else {
      for (std::size_t i = 0; i < blocks.head_dim; ++i) panel[i * blocks.wide] = 0.0F;
    }
  }
}

void unpack_output(const float* packed, const AttentionBlocks& blocks, Rows<float> out) {
  for (std::size_t c = 0; c < out.count * blocks.group; ++c) {
    const float* panel = packed + c / blocks.wide * blocks.padded_dim * blocks.wide + c % blocks.wide;
    float* row = out[c / blocks.group] + c % blocks.group * blocks.head_dim;
    for (std::size_t i = 0; i < blocks.head_dim; ++i) row[i] = panel[i * blocks.wide];
  }
}

}  // namespace assay::optimized
