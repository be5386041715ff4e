// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Attention with grouped keys, softmax(q·kᵀ * scale)·v over the keys that a query sees, without a matrix of the scores
// (online softmax: Milakov and Gimelshein 2018, arXiv:1805.02867; blocked: FlashAttention, arXiv:2205.14135). A query
// that sees nothing gets the mean of all S values, as eager attention of transformers gives it. Both functions give the
// same bits with any number of threads.
#pragma once

#include <cstddef>

#include "optimized/ops/visibility.hpp"
#include "optimized/rows.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized {

struct AttentionShape {
  std::size_t heads = 0;     ///< H
  std::size_t kv_heads = 0;  ///< KV, divides H; head h reads key head h / (H / KV)
  std::size_t head_dim = 0;  ///< d
  float scale = 0;           ///< of the scores
};

/// Keys, rotated, and values [B, KV, S, d]; the rows of a head are dense.
struct KeysAndValues {
  const float* keys = nullptr;
  const float* values = nullptr;
  std::size_t batch_stride = 0;  ///< elements
  std::size_t head_stride = 0;   ///< elements
};

/// For many queries a row: blocks of scores by the microkernel.
void attention_prefill(Rows<const float> q,  // [B * L, H * d]
                       const KeysAndValues& cache, const Visibility& visibility, const AttentionShape& shape,
                       Rows<float> out,  // [B * L, H * d]
                       float* scratch,   // attention_prefill_scratch floats, 64-byte aligned
                       const Threads& threads);

[[nodiscard]] std::size_t attention_prefill_scratch(const AttentionShape& shape, std::size_t batch, std::size_t queries,
                                                    std::size_t keys, const Threads& threads);

/// For one query a row or a few: reads each key and each value once from memory.
void attention_decode(Rows<const float> q,  // [B * L, H * d]
                      const KeysAndValues& cache, const Visibility& visibility, const AttentionShape& shape,
                      Rows<float> out,  // [B * L, H * d]
                      float* scratch,   // attention_decode_scratch floats, 64-byte aligned
                      const Threads& threads);

[[nodiscard]] std::size_t attention_decode_scratch(const AttentionShape& shape, std::size_t batch, std::size_t queries,
                                                   std::size_t keys, const Threads& threads);

}  // namespace assay::optimized
