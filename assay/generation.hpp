// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Greedy generation: what GenerationMixin.generate(do_sample=False) of transformers does with one sequence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/engine.hpp"

namespace assay {

/// The ids of "1,2,3", or of a file named by "@FILE"; blanks and ends of lines also separate. Throws Error on anything
/// else, and where there are none. `option` opens the message.
[[nodiscard]] std::vector<std::int64_t> parse_ids(std::string_view option, const std::string& text);

/// Throws Error where an id is not in the vocabulary.
void check_ids(std::string_view option, const std::vector<std::int64_t>& ids, const Config& config);

struct GenerationPlan {
  std::vector<std::int64_t> prompt;
  std::size_t max_new_tokens = 1;
  std::vector<std::int64_t> stop_ids;  ///< generation ends behind one of these
};

struct Generation {
  std::vector<std::int64_t> ids;             ///< the new ones
  double prefill_seconds = 0;                ///< of the first call
  double first_token_seconds = 0;            ///< from the start of the first call until its token is chosen
  std::vector<double> decode_token_seconds;  ///< of each call after it
  bool stopped = false;                      ///< at one of stop_ids
};

/// Makes room in the engine for the whole sequence. Throws Error where memory does not hold it.
void reserve(Engine& engine, const Config& config, const GenerationPlan& plan);

/// A prefill that keeps the logits of its last token, then a call a token with a cache; where the model cannot have one
/// every call computes the whole sequence again, as transformers does with use_cache=False. `progress` is told the
/// number of new tokens. Throws Error on a logit that is not a number.
[[nodiscard]] Generation generate(Engine& engine, const Config& config, const GenerationPlan& plan,
                                  const std::function<void(std::size_t)>& progress);

/// The first of the largest, as torch.argmax. Throws Error on a NaN.
[[nodiscard]] std::int64_t argmax(const ConstValues& logits);

}  // namespace assay
