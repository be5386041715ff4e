// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/generation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <span>

#include "model/error.hpp"
#include "model/files/atomic_file.hpp"

namespace assay {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

constexpr std::string_view blanks = " \t\r\n";

std::int64_t parse_id(const std::string& where, std::string_view word) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
  if (error != std::errc{} || end != word.data() + word.size()) {
    throw Error(fmt::format("{}: expected token ids separated by commas, found \"{}\"", where, word));
  }
  return id;
}

/// The words between two commas: one or more.
void parse_field(const std::string& where, std::string_view field, std::vector<std::int64_t>& ids) {
  std::size_t words = 0;
  while (true) {
    const std::size_t first = field.find_first_not_of(blanks);
    if (first == std::string_view::npos) break;
    field.remove_prefix(first);
    const std::string_view word = field.substr(0, field.find_first_of(blanks));
    ids.push_back(parse_id(where, word));
    field.remove_prefix(word.size());
    ++words;
  }
  if (words == 0) throw Error(fmt::format("{}: expected token ids separated by commas, found \"\"", where));
}

}  // namespace

std::vector<std::int64_t> parse_ids(std::string_view option, const std::string& text) {
  const bool from_file = text.starts_with('@');
  const std::string where = from_file ? text.substr(1) : std::string(option);
  const std::string content = from_file ? read_text_file(where) : text;
  std::string_view rest = content;
  if (rest.find_first_not_of(blanks) == std::string_view::npos) {
    throw Error(fmt::format("{}: expected at least one token id, found none", where));
  }
  std::vector<std::int64_t> ids;
  for (std::size_t comma = rest.find(','); comma != std::string_view::npos; comma = rest.find(',')) {
    parse_field(where, rest.substr(0, comma), ids);
    rest.remove_prefix(comma + 1);
  }
  parse_field(where, rest, ids);
  return ids;
}

void check_ids(std::string_view option, const std::vector<std::int64_t>& ids, const Config& config) {
  const auto vocab_size = static_cast<std::int64_t>(common(config).vocab_size);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] >= 0 && ids[i] < vocab_size) continue;
    throw Error(fmt::format("{}: token {}: expected 0 to {} (vocab_size {}), found {}", option, i, vocab_size - 1,
                            vocab_size, ids[i]));
  }
}

void reserve(Engine& engine, const Config& config, const GenerationPlan& plan) {
  const std::size_t all = plan.prompt.size() + plan.max_new_tokens;
  if (can_cache(config)) {
    engine.reserve(1, plan.prompt.size(), all);
  } else {
    engine.reserve(1, all, 0);
  }
}

Generation generate(Engine& engine, const Config& config, const GenerationPlan& plan,
                    const std::function<void(std::size_t)>& progress) {
  const bool use_cache = can_cache(config);
  std::vector<std::int64_t> sequence = plan.prompt;
  sequence.reserve(plan.prompt.size() + plan.max_new_tokens);
  Generation generation;
  generation.ids.reserve(plan.max_new_tokens);
  generation.decode_token_seconds.reserve(plan.max_new_tokens);
  engine.reset();
  while (generation.ids.size() < plan.max_new_tokens && !generation.stopped) {
    const bool is_prefill = generation.ids.empty();
    const std::size_t known = use_cache && !is_prefill ? sequence.size() - 1 : 0;
    Call call;
    call.input_ids = {sequence.data() + known, {1, sequence.size() - known}};
    call.use_cache = use_cache;
    call.continues = known > 0;
    call.logits_to_keep = 1;
    const Clock::time_point start = Clock::now();
    const SiteValue logits = engine.forward(call, Probe());
    if (is_prefill) generation.prefill_seconds = seconds_since(start);
    const std::int64_t id = argmax(logits.values);
    if (is_prefill) {
      generation.first_token_seconds = seconds_since(start);
    } else {
      generation.decode_token_seconds.push_back(seconds_since(start));
    }
    generation.ids.push_back(id);
    sequence.push_back(id);
    generation.stopped = std::ranges::find(plan.stop_ids, id) != plan.stop_ids.end();
    if (progress) progress(generation.ids.size());
  }
  return generation;
}

std::int64_t argmax(const ConstValues& logits) {
  return std::visit(
      [](auto values) {
        std::size_t best = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
          if (std::isnan(static_cast<double>(values[i]))) {
            throw Error(fmt::format("logits: token {}: expected a number, found NaN", i));
          }
          if (values[i] > values[best]) best = i;
        }
        return static_cast<std::int64_t>(best);
      },
      logits);
}

}  // namespace assay
