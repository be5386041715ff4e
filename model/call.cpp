// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "model/call_labels.hpp"
#include "model/error.hpp"

namespace assay {
namespace {

void check_tokens(const Config& config, const Call& call, std::string_view where) {
  const bool has_ids = call.input_ids.elements() > 0;
  if (has_ids && call.inputs_embeds) {
    throw Error(fmt::format("{}: expected input_ids or inputs_embeds, found both", where));
  }
  if (call.inputs_embeds) {
    const auto& embeds = *call.inputs_embeds;
    const std::size_t hidden_size = common(config).hidden_size;
    if (embeds.elements() == 0 || embeds.extent(2) != hidden_size) {
      throw Error(fmt::format("{}: inputs_embeds: expected [batch, tokens, {}] with at least one token, found {}",
                              where, hidden_size, to_string(embeds.shape())));
    }
    for (const float value : embeds.flat()) {
      if (!std::isfinite(value)) {
        throw Error(fmt::format("{}: inputs_embeds: expected finite numbers, found {}", where, value));
      }
    }
    return;
  }
  if (!has_ids) {
    throw Error(
        fmt::format("{}: input_ids: expected at least one token, found {}", where, to_string(call.input_ids.shape())));
  }
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
  const std::size_t batch = call.batch();
  const std::size_t width = past.tokens + call.length();
  if (mask.extent(0) != batch || mask.extent(1) == 0 || mask.extent(1) > width) {
    throw Error(fmt::format("{}: attention_mask: expected [{}, up to {}], found [{}, {}]", where, batch, width,
                            mask.extent(0), mask.extent(1)));
  }
  // The Mamba layers take the last L columns: fewer do not fit.
  const auto* hybrid = std::get_if<GraniteMoeHybridConfig>(&config);
  if (hybrid != nullptr && has_layer(*hybrid, MixerKind::mamba) && mask.extent(1) < call.length()) {
    throw Error(fmt::format("{}: attention_mask: expected at least {} columns for the Mamba layers, found {}", where,
                            call.length(), mask.extent(1)));
  }
  for (const std::int64_t value : mask.flat()) {
    if (value != 0 && value != 1) {
      throw Error(fmt::format("{}: attention_mask: expected only 0 and 1, found {}", where, value));
    }
  }
}

void check_positions(const Call& call, std::string_view where) {
  const auto& positions = *call.position_ids;
  const std::size_t batch = call.batch();
  const std::size_t tokens = call.length();
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

void check_cu_seq_lens(View<const std::int64_t, 1> borders, std::int64_t longest, std::size_t tokens,
                       std::string_view letter, std::string_view where) {
  const std::size_t count = borders.extent(0);
  if (count < 2 || borders[0] != 0) {
    throw Error(fmt::format("{}: cu_seq_lens_{}: expected 0 and the end of each sequence, found {}", where, letter,
                            count == 0 ? "nothing" : fmt::format("{} numbers from {}", count, borders[0])));
  }
  std::int64_t found_longest = 0;
  for (std::size_t i = 1; i < count; ++i) {
    if (borders[i] <= borders[i - 1]) {
      throw Error(fmt::format("{}: cu_seq_lens_{}[{}]: expected more than {}, found {}", where, letter, i,
                              borders[i - 1], borders[i]));
    }
    found_longest = std::max(found_longest, borders[i] - borders[i - 1]);
  }
  if (borders[count - 1] != static_cast<std::int64_t>(tokens)) {
    throw Error(fmt::format("{}: cu_seq_lens_{}: expected to end at {} (the tokens of the call), found {}", where,
                            letter, tokens, borders[count - 1]));
  }
  if (longest != found_longest) {
    throw Error(fmt::format("{}: max_length_{}: expected {} (the longest of cu_seq_lens_{}), found {}", where, letter,
                            found_longest, letter, longest));
  }
}

/// The torch path of transformers ignores cu_seq_lens and refuses seq_idx; what its CUDA kernels mean by them needs all
/// of them, and that they agree.
void check_packed(const Config& config, const Call& call, std::string_view where) {
  const PackedSequences& packed = *call.packed;
  if (!std::holds_alternative<GraniteMoeHybridConfig>(config)) {
    throw Error(fmt::format("{}: seq_idx: expected a granitemoehybrid (others pack by position_ids), found {}", where,
                            model_type(config)));
  }
  if (call.attention_mask) throw Error(fmt::format("{}: attention_mask: expected none with seq_idx, found one", where));
  if (call.use_cache) throw Error(fmt::format("{}: use_cache: expected 0 with seq_idx, found 1", where));
  const std::size_t tokens = call.length();
  if (call.batch() != 1 || packed.seq_idx.extent(0) != 1 || packed.seq_idx.extent(1) != tokens) {
    throw Error(fmt::format("{}: seq_idx: expected [1, {}] and a batch of 1, found {} and a batch of {}", where, tokens,
                            to_string(packed.seq_idx.shape()), call.batch()));
  }
  check_cu_seq_lens(packed.cu_seq_lens_q, packed.max_length_q, tokens, "q", where);
  check_cu_seq_lens(packed.cu_seq_lens_k, packed.max_length_k, tokens, "k", where);
  if (!std::ranges::equal(packed.cu_seq_lens_q.flat(), packed.cu_seq_lens_k.flat())) {
    throw Error(fmt::format("{}: cu_seq_lens_k: expected the numbers of cu_seq_lens_q, found others", where));
  }
  std::int64_t sequence = 0;
  for (std::size_t l = 0; l < tokens; ++l) {
    if (static_cast<std::int64_t>(l) == packed.cu_seq_lens_q[static_cast<std::size_t>(sequence) + 1]) ++sequence;
    if (packed.seq_idx(0, l) != sequence) {
      throw Error(fmt::format("{}: seq_idx[0, {}]: expected {} (the sequence of cu_seq_lens_q), found {}", where, l,
                              sequence, packed.seq_idx(0, l)));
    }
  }
}

void check_continuation(const Config& config, const Call& call, const Past& past, std::string_view where) {
  if (call.past_key_values != nullptr) {
    if (call.continues) {
      throw Error(fmt::format("{}: past_key_values: expected none in a call that continues a cache, found one", where));
    }
    if (!call.use_cache) {
      throw Error(fmt::format("{}: expected use_cache 1 in a call with past_key_values, found 0", where));
    }
    check_past_key_values(config, *call.past_key_values, call.batch(), where);
  }
  if (!call.continues) return;
  if (past.batch == 0) throw Error(fmt::format("{}: expected a cache to continue, found none", where));
  if (!call.use_cache) {
    throw Error(fmt::format("{}: expected use_cache 1 in a call that continues a cache, found 0", where));
  }
  if (past.batch != call.batch()) {
    throw Error(
        fmt::format("{}: input_ids: expected batch {} as in the cache, found {}", where, past.batch, call.batch()));
  }
}

void check_kept_logits(const Config& config, const Call& call, std::string_view where) {
  const std::size_t tokens = call.length();
  if (call.logits_to_keep == 0 && !call.logits_positions) return;
  if (common(config).head != Head::causal_lm) {
    throw Error(fmt::format("{}: logits_to_keep: expected none in a {}, found some", where, name(common(config).head)));
  }
  if (call.logits_to_keep != 0 && call.logits_positions) {
    throw Error(fmt::format("{}: logits_to_keep: expected a number or a list of positions, found both", where));
  }
  if (call.has_labels()) {
    throw Error(
        fmt::format("{}: labels: expected none with logits_to_keep, for they need all logits; found some", where));
  }
  if (call.logits_to_keep > tokens) {
    throw Error(fmt::format("{}: logits_to_keep: expected up to {} (the tokens of the call), found {}", where, tokens,
                            call.logits_to_keep));
  }
  if (!call.logits_positions) return;
  if (call.logits_positions->extent(0) == 0) {
    throw Error(fmt::format("{}: logits_to_keep: expected at least one position, found none", where));
  }
  const auto length = static_cast<std::int64_t>(tokens);
  for (const std::int64_t position : call.logits_positions->flat()) {
    if (position < -length || position >= length) {
      throw Error(fmt::format("{}: logits_to_keep: expected positions from {} to {}, found {}", where, -length,
                              length - 1, position));
    }
  }
}

void check_outputs(const Config& config, const Call& call, const Past& past, std::string_view where) {
  check_kept_logits(config, call, where);
  check_labels(config, call, where);
  if (!call.output_router_logits) return;
  const TransformerConfig& fields = common(config);
  if (fields.head != Head::causal_lm || fields.num_local_experts == 0) {
    throw Error(fmt::format("{}: output_router_logits: expected 0 in a model {}, found 1", where,
                            fields.num_local_experts == 0 ? "without experts" : "without a causal language head"));
  }
  // load_balancing_loss_func reshapes the mask to the tokens of this call.
  const bool fits = !call.attention_mask || call.attention_mask->extent(1) == call.length();
  if (!fits) {
    throw Error(
        fmt::format("{}: attention_mask: expected {} columns with output_router_logits, found {} ({} tokens are "
                    "in the cache)",
                    where, call.length(), call.attention_mask->extent(1), past.tokens));
  }
  // It is a mean over the tokens that the mask shows.
  if (call.attention_mask && std::ranges::count(call.attention_mask->flat(), 1) == 0) {
    throw Error(fmt::format("{}: attention_mask: expected a 1 with output_router_logits, found none", where));
  }
}

}  // namespace

bool can_cache(const Config& config) {
  const auto* phimoe = std::get_if<PhimoeConfig>(&config);
  const bool keeps_nothing = phimoe != nullptr && phimoe->sliding_window == std::size_t{1};
  return !keeps_nothing && !lacks_attention(config);
}

Past past_of(const Call& call, const Past& past) {
  if (call.past_key_values != nullptr) return {call.past_key_values->batch(), call.past_key_values->tokens};
  return call.continues ? past : Past{};
}

void check_call(const Config& config, const Call& call, const Past& past, std::string_view where) {
  check_tokens(config, call, where);
  check_cache(config, call, where);
  check_continuation(config, call, past, where);
  const Past seen = past_of(call, past);
  if (call.attention_mask) check_mask(config, call, seen, where);
  if (call.position_ids) check_positions(call, where);
  if (call.packed) check_packed(config, call, where);
  check_outputs(config, call, seen, where);
}

}  // namespace assay
