// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "generation/generate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "generation/choice.hpp"
#include "generation/sequences.hpp"
#include "model/error.hpp"

namespace assay::generation {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Where a PhiMoE switches between short and long rope: nothing without that. transformers also recomputes a
/// default rope whose config has the key at its top level, which changes no value.
std::optional<double> rope_switch(const Config& config) {
  const auto* phimoe = std::get_if<PhimoeConfig>(&config);
  if (phimoe == nullptr || phimoe->rope.type == RopeType::default_type) return std::nullopt;
  return phimoe->rope.original_max_position_embeddings;
}

/// Whether the cache of all columns but the last is of no use for a row of this length.
bool is_past_switch(std::optional<double> original, std::size_t length) {
  return original && static_cast<double>(length) >= *original + 1.0 && static_cast<double>(length - 1) <= *original;
}

void check_plan(const Config& config, const Plan& plan, std::size_t vocab_size) {
  if (const Head head = common(config).head; head != Head::causal_lm) {
    throw Error(fmt::format("architectures: expected a ForCausalLM to generate with, found a {}", name(head)));
  }
  if (plan.max_new_tokens == 0) throw Error("max_new_tokens: expected 1 or more, found 0");
  if (plan.prompts.rows() == 0 || plan.prompts.width() == 0) {
    throw Error("prompts: expected at least one token, found none");
  }
  if (plan.decoding.sampling && plan.draws == nullptr) throw Error("sampling: expected draws, found none");
  if (plan.eos_token_id.empty() || plan.prompts.rows() == 1) return;  // no row waits for another
  if (!plan.pad_token_id) throw Error("pad_token_id: expected an id, as eos_token_id is given, found none");
  if (*plan.pad_token_id < 0 || *plan.pad_token_id >= static_cast<std::int64_t>(vocab_size)) {
    throw Error(fmt::format("pad_token_id: expected 0 to {} (vocab_size {}) in a batch, found {}", vocab_size - 1,
                            vocab_size, *plan.pad_token_id));
  }
}

/// The logits of one row of [rows, 1, V].
ConstValues row_of(const ConstValues& logits, std::size_t row, std::size_t vocab_size) {
  return std::visit([&](auto values) -> ConstValues { return values.subspan(row * vocab_size, vocab_size); }, logits);
}

/// The rows of a run and how far each of them is.
class Run {
 public:
  Run(const Plan& plan, std::size_t vocab_size, const Listeners& listeners)
      : plan_(plan),
        vocab_size_(vocab_size),
        listeners_(listeners),
        sequences_(plan.prompts, plan.max_new_tokens),
        chooser_(plan.decoding, plan.prompts.rows(), vocab_size),
        column_(plan.prompts.rows()) {
    generation_.rows.resize(plan.prompts.rows());
    for (GeneratedRow& row : generation_.rows) row.ids.reserve(plan.max_new_tokens);
    generation_.decode_step_seconds.reserve(plan.max_new_tokens);
  }

  [[nodiscard]] bool has_ended() const {
    return steps_ == plan_.max_new_tokens || std::ranges::all_of(generation_.rows, &GeneratedRow::stopped);
  }

  [[nodiscard]] Sequences& sequences() { return sequences_; }
  [[nodiscard]] Generation& generation() { return generation_; }
  [[nodiscard]] std::size_t steps() const { return steps_; }

  /// The prompts are in the vocabulary, as the engine has found. Counts from the first token that is not a pad on, as
  /// prompt_ignore_length of RepetitionPenaltyLogitsProcessor.
  void see_prompts() {
    for (std::size_t b = 0; b < sequences_.rows(); ++b) {
      const auto mask = plan_.prompts.attention_mask.view()[b].flat();
      const auto first = std::ranges::find_if(mask, [](std::int64_t value) { return value != 0; });
      const auto pads = first == mask.end() ? 0 : static_cast<std::size_t>(first - mask.begin());
      for (const std::int64_t id : sequences_.row(b).subspan(pads)) chooser_.saw(b, id);
    }
  }

  /// A token for every row.
  void choose(const ConstValues& logits) {
    for (std::size_t b = 0; b < column_.size(); ++b) choose(b, row_of(logits, b, vocab_size_));
    sequences_.append(column_);
    ++steps_;
  }

 private:
  void choose(std::size_t b, const ConstValues& logits) {
    GeneratedRow& row = generation_.rows[b];
    // What a row that has ended would go on with interests nobody but a listener.
    std::int64_t token = 0;
    ConstValues probabilities;
    if (!row.stopped || listeners_.chosen) {
      const double draw = plan_.decoding.sampling ? plan_.draws->at(steps_, b) : 0.0;
      token = chooser_.choose(b, logits, draw);
      probabilities = chooser_.probabilities();
    }
    if (row.stopped) {
      token = *plan_.pad_token_id;
    } else {
      ++row.made;
      row.stopped = std::ranges::find(plan_.eos_token_id, token) != plan_.eos_token_id.end();
    }
    row.ids.push_back(token);
    chooser_.saw(b, token);
    column_[b] = token;
    if (listeners_.chosen) {
      listeners_.chosen({.step = steps_, .row = b, .logits = logits, .probabilities = probabilities, .token = token});
    }
  }

  const Plan& plan_;
  std::size_t vocab_size_;
  const Listeners& listeners_;
  Sequences sequences_;
  TokenChooser chooser_;
  std::vector<std::int64_t> column_;  // [rows]
  Generation generation_;
  std::size_t steps_ = 0;
};

}  // namespace

void reserve(Engine& engine, const Config& config, const Plan& plan) {
  const std::size_t width = plan.prompts.width();
  const std::size_t all = width + plan.max_new_tokens;
  if (!can_cache(config)) return engine.reserve(plan.prompts.rows(), all, 0);
  // The longest call: the prefill, or that behind the switch of the rope. The last token is not fed back.
  const double switched = std::floor(rope_switch(config).value_or(0.0)) + 1.0;
  const bool switches = switched > static_cast<double>(width) && switched < static_cast<double>(all);
  engine.reserve(plan.prompts.rows(), switches ? static_cast<std::size_t>(switched) : width, all);
}

Generation generate(Engine& engine, const Config& config, const Plan& plan, const Listeners& listeners) {
  const std::size_t vocab_size = common(config).vocab_size;
  check_plan(config, plan, vocab_size);
  const bool use_cache = can_cache(config);
  const std::optional<double> original = rope_switch(config);
  Run run(plan, vocab_size, listeners);
  Generation& generation = run.generation();
  engine.reset();
  while (!run.has_ended()) {
    const bool is_prefill = run.steps() == 0;
    const bool is_whole = is_prefill || !use_cache || is_past_switch(original, run.sequences().length());
    const Call call = is_whole ? run.sequences().whole(use_cache) : run.sequences().last();
    const Clock::time_point start = Clock::now();
    const SiteValue logits = engine.forward(call, Probe());
    if (is_prefill) {
      generation.prefill_seconds = seconds_since(start);
      run.see_prompts();
    }
    run.choose(logits.values);
    if (is_prefill) {
      generation.first_token_seconds = seconds_since(start);
    } else {
      generation.decode_step_seconds.push_back(seconds_since(start));
    }
    if (listeners.progress) listeners.progress(run.steps());
  }
  return std::move(generation);
}

}  // namespace assay::generation
