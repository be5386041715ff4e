// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a call must compute and must move, counted from the model and not from an engine: an engine that does more
// (chunked scans, padding, masked scores) is not credited for it. These are what is held against the roofs.
//
// A multiplication and an addition count as two. Of a call of T tokens (all rows together):
// - 2 T for every element of a matrix that a token passes, k / E of those of the experts; the head for the tokens
//   whose logits are wanted. Its bytes once, of the experts those that were chosen by some token of the call.
// - 4 d H for every pair of a query and a position that it sees; the keys and values of the cache once.
// - 5 Hm P N T for the recurrence of Mamba2: h = a h + x B is three, y = C h is two; its state once in and once out.
// - Norms, residuals, softmax: 4 to 6 for each element, no bytes, as these lie in a cache; embedding: its rows.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "bench/cost/group.hpp"
#include "model/config/config.hpp"
#include "model/ids.hpp"

namespace assay::bench {

struct Cost {
  double flops = 0;
  double bytes = 0;

  Cost& operator+=(const Cost& other) {
    flops += other.flops;
    bytes += other.bytes;
    return *this;
  }
};

struct CostedCall {
  std::size_t batch = 1;
  std::size_t length = 1;        ///< tokens of a row
  std::size_t past = 0;          ///< tokens of a row in the cache before
  std::size_t weight_bytes = 4;  ///< of an element, as the engine holds it
  std::size_t value_bytes = 4;   ///< of an element of cache and state
  /// By layer: experts that some token chose; empty: all that the tokens could choose.
  std::vector<double> experts_used{};
};

/// No layer for what the model does once.
using Place = std::pair<std::optional<LayerIndex>, Group>;

[[nodiscard]] std::map<Place, Cost> costs(const Config& config, const CostedCall& call);

[[nodiscard]] Cost total(const std::map<Place, Cost>& costs);

/// Experts that a token passes: num_experts_per_tok, but in a PhiMoE two whatever the config says (sparsemixer).
[[nodiscard]] std::size_t experts_per_token(const Config& config);

/// How a layer mixes tokens.
[[nodiscard]] Mixing mixing_of(const Config& config, LayerIndex layer);

}  // namespace assay::bench
