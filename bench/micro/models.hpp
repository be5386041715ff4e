// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The configs and weights of cases that run a block or a whole model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "bench/cost/cost.hpp"
#include "bench/synthetic/random_weights.hpp"
#include "model/config/manifest.hpp"
#include "model/past_key_values.hpp"

namespace assay::bench::micro {

/// A published model with its first layers and few tokens in its vocabulary, which no block looks at.
[[nodiscard]] Config published(std::string_view name, std::size_t layers);

/// The same with experts of hardly any width, for a block that has none: its weights are made much faster.
[[nodiscard]] Config published_without_experts(std::string_view name, std::size_t layers);

/// Everything that there is, small: a hybrid of one Mamba2 and one attention layer, each with 8 experts of which a
/// token has 2, and a shared MLP. D 512, I 256, Is 512, 8 heads of 64 on 4 key heads, 32 Mamba2 heads of 32 with N 128,
/// V 2048. Its weights stay in a last-level cache.
[[nodiscard]] GraniteMoeHybridConfig small_model();

/// Of a call of one row of `length` tokens behind `past` others; `weight_bytes` of a weight.
[[nodiscard]] CostedCall costed_call(std::size_t length, std::size_t past, std::size_t weight_bytes);

/// Of some groups of one layer.
[[nodiscard]] Cost block_cost(const Config& config, const CostedCall& call, std::size_t layer,
                              std::initializer_list<Group> groups);

/// Random bfloat16 weights.
struct ModelWeights {
  explicit ModelWeights(const Config& config);

  RandomWeights source;
  Weights weights;  ///< borrows from `source`
};

/// Random values for the cache of one row of `tokens` tokens.
[[nodiscard]] PastKeyValues random_past(const Config& config, std::size_t tokens);

/// Token ids for a model of the vocabulary, the same in every run.
[[nodiscard]] std::vector<std::int64_t> random_ids(std::size_t tokens, std::size_t vocab_size);

}  // namespace assay::bench::micro
