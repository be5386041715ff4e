// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/run_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

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

double decode_seconds(const Generation& generation) {
  const auto& each = generation.decode_token_seconds;
  return std::accumulate(each.begin(), each.end(), 0.0);
}

double prefill_tokens_per_s(const RunResult& result) {
  return static_cast<double>(result.prompt_tokens) / result.generation.prefill_seconds;
}

std::optional<double> decode_tokens_per_s(const Generation& generation) {
  if (generation.decode_token_seconds.empty()) return std::nullopt;
  return static_cast<double>(generation.decode_token_seconds.size()) / decode_seconds(generation);
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

json::value text_or_null(const std::string& text) { return text.empty() ? json::value() : json::value(text); }

}  // namespace

std::string run_table(const RunResult& result) {
  const Generation& generation = result.generation;
  std::string text = line("ids", fmt::format("{}", fmt::join(generation.ids, ", ")));
  text += line("model", fmt::format("{}, {}", result.model_type, reports::printable(result.checkpoint)));
  text += line("engine", reports::engine_text(result.engine));
  if (!result.kernel.empty()) text += line("BLIS", result.kernel);
  text += line("prompt", reports::count_text(result.prompt_tokens, "token"));
  text += line("new", reports::count_text(generation.ids.size(), "token") +
                          (generation.stopped ? ", the last ends the text (eos_token_id)" : ""));
  text += line("prefill", fmt::format("{} ({})", rate_text(prefill_tokens_per_s(result)),
                                      reports::seconds_text(generation.prefill_seconds)));
  const std::optional<double> rate = decode_tokens_per_s(generation);
  text += line("decode",
               rate ? fmt::format("{} ({}){}", rate_text(*rate), reports::seconds_text(decode_seconds(generation)),
                                  result.use_cache ? "" : ", without a cache, which the model cannot have")
                    : "no call: the first token is the prefill's");
  text += line("first token", "after " + reports::seconds_text(generation.first_token_seconds));
  text += line("load", reports::seconds_text(result.load_seconds));
  const std::string packed =
      result.packed_bytes == 0 ? "" : fmt::format("; {} packed weights", reports::bytes_text(result.packed_bytes));
  text +=
      line("memory", fmt::format("{} resident after loading, {} at most{}", reports::bytes_text(result.resident_bytes),
                                 reports::bytes_text(result.peak_rss_bytes), packed));
  return text;
}

std::string run_json(const RunResult& result) {
  const Generation& generation = result.generation;
  json::object object;
  object["schema"] = "assay.run/1";
  object["checkpoint"] = reports::valid_utf8(result.checkpoint);
  object["model_type"] = result.model_type;
  object["engine"] = result.engine.engine;
  object["precision"] = name(result.engine.precision);
  object["threads"] = result.engine.threads ? json::value(*result.engine.threads) : json::value();
  object["weights"] = text_or_null(result.engine.weights);
  object["kernel"] = text_or_null(result.kernel);
  object["prompt_tokens"] = result.prompt_tokens;
  object["ids"] = json::array(generation.ids.begin(), generation.ids.end());
  object["stopped_at_eos"] = generation.stopped;
  object["use_cache"] = result.use_cache;
  object["prefill_seconds"] = generation.prefill_seconds;
  object["prefill_tokens_per_s"] = prefill_tokens_per_s(result);
  object["decode_seconds"] = decode_seconds(generation);
  const std::optional<double> rate = decode_tokens_per_s(generation);
  object["decode_tokens_per_s"] = rate ? json::value(*rate) : json::value();
  object["time_to_first_token_seconds"] = generation.first_token_seconds;
  object["load_seconds"] = result.load_seconds;
  object["packed_bytes"] = result.packed_bytes == 0 ? json::value() : json::value(result.packed_bytes);
  object["resident_bytes"] = result.resident_bytes;
  object["peak_rss_bytes"] = result.peak_rss_bytes;
  const auto& each = generation.decode_token_seconds;
  object["decode_token_seconds"] = json::array(each.begin(), each.end());
  return pretty_json(object);
}

}  // namespace assay
