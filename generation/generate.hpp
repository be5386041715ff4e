// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Generation over an engine: what GenerationMixin.generate of transformers 5.23.0 does for a batch with one beam,
// greedily or by sampling (generation/utils.py, _sample).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "generation/decoding.hpp"
#include "generation/draws.hpp"
#include "generation/padded_prompts.hpp"
#include "model/engine.hpp"

namespace assay::generation {

struct Plan {
  PaddedPrompts prompts;
  std::size_t max_new_tokens = 1;
  std::vector<std::int64_t> eos_token_id;    ///< a row ends behind one of these; none: only max_new_tokens ends it
  std::optional<std::int64_t> pad_token_id;  ///< what a row that has ended goes on with: SpecialTokens::pad
  Decoding decoding;
  const Draws* draws = nullptr;  ///< for sampling; outlives the run
};

/// A choice, shown when it is made; views are valid during the callback.
struct Chosen {
  std::size_t step = 0;
  std::size_t row = 0;
  ConstValues logits;         ///< [V], as the engine gave them
  ConstValues probabilities;  ///< [V], what was drawn from; empty in greedy decoding
  std::int64_t token = 0;     ///< pad_token_id in a row that has ended
};

struct Listeners {
  std::function<void(std::size_t steps)> progress;  ///< told after each step
  std::function<void(const Chosen&)> chosen;        ///< told of every row in every step, also of one that has ended
};

struct GeneratedRow {
  std::vector<std::int64_t> ids;  ///< of all steps, pads behind the end included, as generate returns them
  std::size_t made = 0;           ///< how many of them are its own: up to and with its end of text
  bool stopped = false;           ///< at one of eos_token_id
};

struct Generation {
  std::vector<GeneratedRow> rows;
  double prefill_seconds = 0;               ///< of the first call
  double first_token_seconds = 0;           ///< from the start of the first call until its tokens are chosen
  std::vector<double> decode_step_seconds;  ///< of each call after it

  [[nodiscard]] std::size_t steps() const { return rows.empty() ? 0 : rows.front().ids.size(); }
};

/// Makes room in the engine for the whole run. Throws Error where memory does not hold it.
void reserve(Engine& engine, const Config& config, const Plan& plan);

/// A prefill that keeps the logits of its last column, then a call a step with a cache; where the model cannot have one
/// every call computes the whole rows again, as with use_cache=False. A PhiMoE whose rope has two scales computes
/// everything again when its length first exceeds original_max_position_embeddings (PhimoeForCausalLM.
/// prepare_inputs_for_generation). Ends when every row has ended, or after max_new_tokens. Throws Error: of a model
/// without a language head, a decoding out of range, sampling without draws, an end of text without a pad, a pad that
/// is not in the vocabulary and would be needed, a logit that is not a number, and what the engine refuses.
[[nodiscard]] Generation generate(Engine& engine, const Config& config, const Plan& plan,
                                  const Listeners& listeners = {});

}  // namespace assay::generation
