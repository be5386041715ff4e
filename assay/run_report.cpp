// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/run_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <numeric>
#include <optional>

#include "model/files/json.hpp"
#include "reports/facts.hpp"
#include "reports/figures.hpp"
#include "reports/text.hpp"

namespace assay {
namespace {

namespace json = boost::json;

constexpr std::size_t columns = 80;
constexpr std::size_t label_width = 13;

/// The sums over all prompts.
struct Totals {
  std::size_t prompts = 0;
  std::size_t prompt_tokens = 0;
  std::size_t made = 0;     ///< new tokens without pads
  std::size_t stopped = 0;  ///< prompts that an end of text has ended
  double prefill_seconds = 0;
  double decode_seconds = 0;
  double first_token_seconds = 0;  ///< the longest
  std::vector<double> each_step;   ///< of the calls behind the prefills

  [[nodiscard]] double prefill_tokens_per_s() const { return static_cast<double>(prompt_tokens) / prefill_seconds; }
  /// The first token of a prompt is the prefill's.
  [[nodiscard]] std::optional<double> decode_tokens_per_s() const {
    if (each_step.empty()) return std::nullopt;
    return static_cast<double>(made - prompts) / decode_seconds;
  }
};

Totals totals(const RunResult& result) {
  Totals sum;
  for (const GeneratedBatch& batch : result.batches) {
    const generation::Generation& generation = batch.generation;
    sum.prompts += generation.rows.size();
    for (const std::size_t tokens : batch.prompt_tokens) sum.prompt_tokens += tokens;
    for (const generation::GeneratedRow& row : generation.rows) {
      sum.made += row.made;
      sum.stopped += row.stopped ? 1 : 0;
    }
    const auto& each = generation.decode_step_seconds;
    sum.prefill_seconds += generation.prefill_seconds;
    sum.decode_seconds += std::accumulate(each.begin(), each.end(), 0.0);
    sum.first_token_seconds = std::max(sum.first_token_seconds, generation.first_token_seconds);
    sum.each_step.insert(sum.each_step.end(), each.begin(), each.end());
  }
  return sum;
}

std::string line(std::string label, const std::string& text) {
  std::string out;
  for (const std::string& part : reports::wrap(text, columns - label_width)) {
    out += fmt::format("{:<{}}{}\n", label, label_width, part);
    label.clear();
  }
  return out;
}

std::string rate_text(double tokens_per_s) {
  return fmt::format("{:.{}f} tokens/s", tokens_per_s, tokens_per_s < 100 ? 2 : 1);
}

std::string ids_lines(const RunResult& result, const Totals& sum) {
  std::string text;
  std::size_t number = 0;
  for (const GeneratedBatch& batch : result.batches) {
    for (const generation::GeneratedRow& row : batch.generation.rows) {
      const std::string label = sum.prompts == 1 ? "ids" : fmt::format("ids {}", number++);
      text += line(label, fmt::format("{}", fmt::join(row.ids, ", ")));
    }
  }
  return text;
}

std::string prompt_text(const RunResult& result, const Totals& sum) {
  const std::string tokens = reports::count_text(sum.prompt_tokens, "token");
  if (sum.prompts == 1) return tokens;
  return fmt::format("{} in {} prompts, {}", tokens, sum.prompts,
                     result.batch ? "one batch, padded on the left" : "one after the other");
}

std::string new_text(const Totals& sum) {
  const std::string tokens = reports::count_text(sum.made, "token");
  if (sum.stopped == 0) return tokens;
  if (sum.prompts == 1) return tokens + ", the last ends the text (eos_token_id)";
  return fmt::format("{} without pads; {} of {} prompts end with an eos_token_id", tokens, sum.stopped, sum.prompts);
}

/// "" where the run is greedy and nothing else.
std::string choice_text(const DecodingOptions& options) {
  const generation::Decoding& decoding = options.decoding;
  std::string text;
  if (decoding.sampling) {
    const generation::Sampling& sampling = *decoding.sampling;
    text = fmt::format("sampled with seed {}: temperature {}, top_k {}, top_p {}", options.seed, sampling.temperature,
                       sampling.top_k, sampling.top_p);
    if (sampling.min_p) text += fmt::format(", min_p {}", *sampling.min_p);
  }
  if (decoding.repetition_penalty != 1.0) {
    text += fmt::format("{}repetition_penalty {}", text.empty() ? "greedy, " : ", ", decoding.repetition_penalty);
  }
  return text;
}

json::value text_or_null(const std::string& text) { return text.empty() ? json::value() : json::value(text); }

json::value sampling_json(const DecodingOptions& options) {
  if (!options.decoding.sampling) return nullptr;
  const generation::Sampling& sampling = *options.decoding.sampling;
  json::object object;
  object["temperature"] = sampling.temperature;
  object["top_k"] = sampling.top_k;
  object["top_p"] = sampling.top_p;
  object["min_p"] = sampling.min_p ? json::value(*sampling.min_p) : json::value();
  object["seed"] = options.seed;
  return object;
}

json::array rows_json(const RunResult& result) {
  json::array rows;
  for (const GeneratedBatch& batch : result.batches) {
    for (std::size_t b = 0; b < batch.generation.rows.size(); ++b) {
      const generation::GeneratedRow& row = batch.generation.rows[b];
      json::object object;
      object["prompt_tokens"] = batch.prompt_tokens[b];
      object["new_tokens"] = row.made;
      object["stopped_at_eos"] = row.stopped;
      object["ids"] = json::array(row.ids.begin(), row.ids.end());
      rows.push_back(std::move(object));
    }
  }
  return rows;
}

}  // namespace

std::string run_table(const RunResult& result) {
  const Totals sum = totals(result);
  std::string text = ids_lines(result, sum);
  text += line("model", fmt::format("{}, {}", result.model_type, reports::printable(result.checkpoint)));
  text += line("engine", reports::engine_text(result.engine));
  if (!result.kernel.empty()) text += line("BLIS", result.kernel);
  text += line("prompt", prompt_text(result, sum));
  if (const std::string choice = choice_text(result.decoding); !choice.empty()) text += line("choice", choice);
  text += line("new", new_text(sum));
  text += line("prefill", fmt::format("{} ({})", rate_text(sum.prefill_tokens_per_s()),
                                      reports::seconds_text(sum.prefill_seconds)));
  const std::optional<double> rate = sum.decode_tokens_per_s();
  text += line("decode", rate ? fmt::format("{} ({}){}", rate_text(*rate), reports::seconds_text(sum.decode_seconds),
                                            result.use_cache ? "" : ", without a cache, which the model cannot have")
                              : "no call: the first token is the prefill's");
  text += line("first token", fmt::format("after {}{}", reports::seconds_text(sum.first_token_seconds),
                                          result.batches.size() > 1 ? " at most" : ""));
  text += line("load", reports::seconds_text(result.load_seconds));
  const std::string packed =
      result.packed_bytes == 0 ? "" : fmt::format("; {} packed weights", reports::bytes_text(result.packed_bytes));
  text +=
      line("memory", fmt::format("{} resident after loading, {} at most{}", reports::bytes_text(result.resident_bytes),
                                 reports::bytes_text(result.peak_rss_bytes), packed));
  return text;
}

std::string run_json(const RunResult& result) {
  const Totals sum = totals(result);
  json::object object;
  object["schema"] = "assay.run/2";
  object["checkpoint"] = reports::valid_utf8(result.checkpoint);
  object["model_type"] = result.model_type;
  object["engine"] = result.engine.engine;
  object["precision"] = name(result.engine.precision);
  object["threads"] = result.engine.threads ? json::value(*result.engine.threads) : json::value();
  object["weights"] = text_or_null(result.engine.weights);
  object["kernel"] = text_or_null(result.kernel);
  object["batch"] = result.batch;
  object["repetition_penalty"] = result.decoding.decoding.repetition_penalty;
  object["sampling"] = sampling_json(result.decoding);
  object["use_cache"] = result.use_cache;
  object["rows"] = rows_json(result);
  object["prompt_tokens"] = sum.prompt_tokens;
  object["new_tokens"] = sum.made;
  object["prefill_seconds"] = sum.prefill_seconds;
  object["prefill_tokens_per_s"] = sum.prefill_tokens_per_s();
  object["decode_seconds"] = sum.decode_seconds;
  const std::optional<double> rate = sum.decode_tokens_per_s();
  object["decode_tokens_per_s"] = rate ? json::value(*rate) : json::value();
  object["time_to_first_token_seconds"] = sum.first_token_seconds;
  object["load_seconds"] = result.load_seconds;
  object["packed_bytes"] = result.packed_bytes == 0 ? json::value() : json::value(result.packed_bytes);
  object["resident_bytes"] = result.resident_bytes;
  object["peak_rss_bytes"] = result.peak_rss_bytes;
  object["decode_step_seconds"] = json::array(sum.each_step.begin(), sum.each_step.end());
  return pretty_json(object);
}

}  // namespace assay
