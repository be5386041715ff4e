// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "model/error.hpp"

namespace assay {
namespace {

void check_ids(const Config& config, const Call& call, std::string_view where) {
  const auto vocab_size = static_cast<std::int64_t>(common(config).vocab_size);
  for (std::size_t b = 0; b < call.input_ids.extent(0); ++b) {
    for (std::size_t l = 0; l < call.input_ids.extent(1); ++l) {
      const std::int64_t id = call.input_ids(b, l);
      if (id < 0 || id >= vocab_size) {
        throw Error(fmt::format("{}: input_ids[{}, {}]: expected 0 to {} (vocab_size {}), found {}", where, b, l,
                                vocab_size - 1, vocab_size, id));
      }
    }
  }
}

bool has_layer(const GraniteMoeHybridConfig& config, MixerKind kind) {
  return std::ranges::find(config.layer_types, kind) != config.layer_types.end();
}

bool lacks_attention(const Config& config) {
  const auto* hybrid = std::get_if<GraniteMoeHybridConfig>(&config);
  return hybrid != nullptr && !has_layer(*hybrid, MixerKind::attention);
}

void check_cache(const Config& config, const Call& call, std::string_view where) {
  if (!call.use_cache || can_cache(config)) return;
  const std::string_view model =
      lacks_attention(config) ? "in a hybrid without attention layers" : "with a sliding_window of 1";
  throw Error(fmt::format("{}: use_cache: expected 0 {}, found 1", where, model));
}

void check_mask(const Config& config, const Call& call, const Past& past, std::string_view where) {
  const auto& mask = *call.attention_mask;
  const std::size_t batch = call.input_ids.extent(0);
  const std::size_t width = past.tokens + call.input_ids.extent(1);
  if (mask.extent(0) != batch || mask.extent(1) == 0 || mask.extent(1) > width) {
    throw Error(fmt::format("{}: attention_mask: expected [{}, up to {}], found [{}, {}]", where, batch, width,
                            mask.extent(0), mask.extent(1)));
  }
  // The Mamba layers take the last L columns: fewer do not fit.
  const auto* hybrid = std::get_if<GraniteMoeHybridConfig>(&config);
  if (hybrid != nullptr && has_layer(*hybrid, MixerKind::mamba) && mask.extent(1) < call.input_ids.extent(1)) {
    throw Error(fmt::format("{}: attention_mask: expected at least {} columns for the Mamba layers, found {}", where,
                            call.input_ids.extent(1), mask.extent(1)));
  }
  for (const std::int64_t value : mask.flat()) {
    if (value != 0 && value != 1) {
      throw Error(fmt::format("{}: attention_mask: expected only 0 and 1, found {}", where, value));
    }
  }
}

void check_positions(const Call& call, std::string_view where) {
  const auto& positions = *call.position_ids;
  const std::size_t batch = call.input_ids.extent(0);
  const std::size_t tokens = call.input_ids.extent(1);
  if ((positions.extent(0) != 1 && positions.extent(0) != batch) || positions.extent(1) != tokens) {
    throw Error(fmt::format("{}: position_ids: expected [1 or {}, {}], found [{}, {}]", where, batch, tokens,
                            positions.extent(0), positions.extent(1)));
  }
  // A float32 holds every integer up to 2^24; the angle of a larger position is not what its number says.
  constexpr std::int64_t limit = std::int64_t{1} << 24;
  for (const std::int64_t value : positions.flat()) {
    if (value < 0 || value > limit) {
      throw Error(fmt::format("{}: position_ids: expected 0 to {}, found {}", where, limit, value));
    }
  }
}

}  // namespace

bool can_cache(const Config& config) {
  const auto* phimoe = std::get_if<PhimoeConfig>(&config);
  const bool keeps_nothing = phimoe != nullptr && phimoe->sliding_window == std::size_t{1};
  return !keeps_nothing && !lacks_attention(config);
}

void check_call(const Config& config, const Call& call, const Past& past, std::string_view where) {
  if (call.input_ids.extent(0) == 0 || call.input_ids.extent(1) == 0) {
    throw Error(
        fmt::format("{}: input_ids: expected at least one token, found {}", where, to_string(call.input_ids.shape())));
  }
  if (call.continues && past.batch == 0) {
    throw Error(fmt::format("{}: expected a cache to continue, found none", where));
  }
  if (call.continues && !call.use_cache) {
    throw Error(fmt::format("{}: expected use_cache 1 in a call that continues a cache, found 0", where));
  }
  if (call.continues && past.batch != call.input_ids.extent(0)) {
    throw Error(fmt::format("{}: input_ids: expected batch {} as in the cache, found {}", where, past.batch,
                            call.input_ids.extent(0)));
  }
  if (call.logits_to_keep > call.input_ids.extent(1)) {
    throw Error(fmt::format("{}: logits_to_keep: expected up to {} (the tokens of the call), found {}", where,
                            call.input_ids.extent(1), call.logits_to_keep));
  }
  check_cache(config, call, where);
  check_ids(config, call, where);
  const Past seen = call.continues ? past : Past{};
  if (call.attention_mask) check_mask(config, call, seen, where);
  if (call.position_ids) check_positions(call, where);
}

}  // namespace assay
