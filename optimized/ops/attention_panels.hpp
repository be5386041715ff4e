// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How blocked attention lays its operands out for the microkernel. Queries are the wide side of both products, so a
// tile of scores is [keys, wide]: the softmax runs down its columns, vectors of queries at a time, and what it leaves
// behind is already the wide panel of the product with the values, whose output is [d, wide].
#pragma once

#include <cstddef>

#include "optimized/ops/attention.hpp"
#include "optimized/rows.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized {

/// The blocks that a call is cut into. They follow from its extents alone, so its bits do, too.
struct AttentionBlocks {
  AttentionBlocks(const AttentionShape& shape, std::size_t batch, std::size_t queries, std::size_t keys);

  std::size_t narrow;        ///< of the microkernel
  std::size_t wide;          ///< of the microkernel
  std::size_t group;         ///< query heads of a key head
  std::size_t block_keys;    ///< multiple of narrow
  std::size_t key_blocks;    ///< of a key head
  std::size_t block_tokens;  ///< of a work item, with all heads of the group
  std::size_t token_blocks;  ///< of a key head
  std::size_t panels;        ///< of `wide` queries in a work item, at most
  std::size_t padded_dim;    ///< d, rounded up to narrow
  std::size_t packed_heads;  ///< B * KV

  [[nodiscard]] std::size_t keys_floats() const;  ///< of a packed key block [block_keys / narrow, d, narrow]
  [[nodiscard]] std::size_t values_floats()
      const;  ///< of a packed value block [padded_dim / narrow, block_keys, narrow]
  std::size_t head_dim;
};

/// Keys and values of one block for the narrow side, zeros where they end.
void pack_keys(const float* keys,  // [rows, d]
               std::size_t rows, const AttentionBlocks& blocks, float* packed);
void pack_values(const float* values,  // [rows, d]
                 std::size_t rows, const AttentionBlocks& blocks, float* packed);

/// The queries of some tokens and of one group of heads, token by token, for the wide side.
void pack_queries(Rows<const float> q,  // [tokens, group * d]
                  const AttentionBlocks& blocks,
                  float* packed);  // [panels, d, wide]

/// The way back, divided by the sums of the softmax.
void unpack_output(const float* packed,  // [panels, padded d, wide]
                   const float* sums,    // [panels, wide]
                   const AttentionBlocks& blocks,
                   Rows<float> out);  // [tokens, group * d]

}  // namespace assay::optimized
