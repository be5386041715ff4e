// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/embed.hpp"

#include <cassert>
#include <cstddef>

#include "optimized/ops/grain.hpp"
#include "optimized/ops/stored_vector.hpp"

namespace assay::optimized {

void embed(std::span<const std::int64_t> ids, const StoredTensor& table, float multiplier, Rows<float> x,
           const Threads& threads) {
  assert(ids.size() == x.count && "a row for every id");
  widen_scaled(table, 0, multiplier, {});  // a table that is refused is refused here, not on another thread
  threads.split(x.count, rows_worth_threads(2 * x.width), [&](Range tokens) {
    for (std::size_t token = tokens.first; token < tokens.last; ++token) {
      widen_scaled(table, static_cast<std::size_t>(ids[token]) * x.width, multiplier, {x[token], x.width});
    }
  });
}

void embed(std::span<const float> inputs_embeds, float multiplier, Rows<float> x, const Threads& threads) {
  assert(inputs_embeds.size() == x.count * x.width && "an element for every element");
  threads.split(x.count, rows_worth_threads(x.width), [&](Range tokens) {
    for (std::size_t token = tokens.first; token < tokens.last; ++token) {
      const float* from = inputs_embeds.data() + token * x.width;
      for (std::size_t i = 0; i < x.width; ++i) x[token][i] = from[i] * multiplier;
    }
  });
}

}  // namespace assay::optimized
