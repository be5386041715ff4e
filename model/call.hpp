// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// One forward call as a caller of transformers makes it, and the check of what came from outside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/config/config.hpp"
#include "model/view.hpp"

namespace assay {

/// The arguments of ForCausalLM.forward. Views are valid during the call.
struct Call {
  View<const std::int64_t, 2> input_ids;                      ///< [B, L]
  std::optional<View<const std::int64_t, 2>> attention_mask;  ///< [B, up to past + L] of 0 and 1; none: all ones
  std::optional<View<const std::int64_t, 2>> position_ids;    ///< [1 or B, L]; none: past, past + 1, ...
  bool use_cache = false;
  bool continues = false;          ///< go on with the cache of the call before
  std::size_t logits_to_keep = 0;  ///< logits of the last so many tokens only; 0: of all
};

/// What an engine remembers of a sequence of calls.
struct Past {
  std::size_t batch = 0;   ///< 0: no cache
  std::size_t tokens = 0;  ///< seen so far, also those that a sliding window has dropped
};

/// Whether calls may use a cache. A hybrid without attention layers may not, nor a PhiMoE with a sliding_window of 1:
/// transformers raises there, or keeps another cache than it needs.
[[nodiscard]] bool can_cache(const Config& config);

/// Throws Error where transformers would fail or give a meaningless number: ids outside the vocabulary, a mask or
/// positions of another shape, more logits to keep than tokens, a continued cache that is empty or has another batch.
/// `where` opens the message.
void check_call(const Config& config, const Call& call, const Past& past, std::string_view where);

}  // namespace assay
