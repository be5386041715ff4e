// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/replay/comparability.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <set>
#include <string_view>

#include "golden/format/recorded_call.hpp"
#include "golden/format/schema.hpp"
#include "golden/format/stored_values.hpp"
#include "golden/format/weights_hash.hpp"
#include "model/error.hpp"
#include "model/files/json.hpp"

namespace assay::golden {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 9> call_attributes{
    "continues",          "use_cache",    "logits_to_keep", "output_hidden_states", "output_attentions",
    "num_items_in_batch", "max_length_q", "max_length_k",   "output_router_logits"};

bool is_floating(DType dtype) { return may_hold(SiteKind::value, dtype); }

/// Both dtypes widened, so that an id is an id in whatever type.
std::vector<double> numbers(const std::vector<std::byte>& bytes, DType dtype) {
  if (is_floating(dtype)) return widened(bytes, dtype);
  const std::vector<std::int64_t> integers = widened_integers(bytes, dtype);
  return {integers.begin(), integers.end()};
}

/// What does not change a number: how the weights were stored is in their hash.
Config essential(Config config) {
  std::visit(
      [](TransformerConfig& fields) {
        fields.ignored_keys.clear();
        fields.torch_dtype.clear();
        fields.use_cache = true;
        fields.output_router_logits = false;
        fields.initializer_range = 0.0;
        fields.bos_token_id.reset();
        fields.eos_token_id.clear();
      },
      config);
  if (auto* const phimoe = std::get_if<PhimoeConfig>(&config)) phimoe->longrope = PhimoeLongrope::hf5;
  return config;
}

/// The keys at the top of two configs whose values are not the same: "num_experts_per_tok, rope_theta".
std::string different_keys(const std::string& expected, const std::string& actual) {
  const json::object a = parse_json(expected, "config").as_object();
  const json::object b = parse_json(actual, "config").as_object();
  std::set<std::string> keys;
  for (const auto& [key, value] : a) {
    const json::value* other = b.if_contains(key);
    if (other == nullptr || *other != value) keys.insert(std::string(key));
  }
  for (const auto& [key, value] : b) {
    if (!a.contains(key)) keys.insert(std::string(key));
  }
  return fmt::format("{}", fmt::join(keys, ", "));
}

class Comparison {
 public:
  Comparison(const GoldenFile& expected, const ArrayFile& actual) : expected_(expected), actual_(actual) {
    compare_config();
    compare_weights();
    compare_calls();
  }

  [[nodiscard]] Comparability result() const {
    Comparability result{"", notes_};
    if (differences_.empty()) return result;
    result.refusal = fmt::format("{}: {}", actual_.file(), differences_.front());
    if (differences_.size() > 1) result.refusal += fmt::format("; and {} more differences", differences_.size() - 1);
    return result;
  }

 private:
  void compare_text(const std::string& what, const std::string& expected, const std::string& found) {
    if (expected != found) {
      differences_.push_back(
          fmt::format("{}: expected {} as in {}, found {}", what, expected, expected_.file(), found));
    }
  }

  void compare_config() {
    if (const auto type = actual_.attribute("", "model_type")) {
      compare_text("model_type", std::string(model_type(expected_.config())), *type);
    }
    if (const auto longrope = actual_.attribute("", "phimoe_longrope")) {
      const auto* const phimoe = std::get_if<PhimoeConfig>(&expected_.config());
      compare_text("phimoe_longrope", phimoe == nullptr ? "none" : std::string(name(phimoe->longrope)), *longrope);
    }
    const std::optional<std::string> text = actual_.text("config");
    if (!text || *text == expected_.config_text()) return;
    const Config config = parse_config(*text, actual_.file() + ": config");
    if (essential(config) == essential(expected_.config())) return;
    differences_.push_back(fmt::format("config: expected that of {}, found other values of {}", expected_.file(),
                                       different_keys(expected_.config_text(), *text)));
  }

  void compare_weights() {
    const auto found = actual_.attribute("", "weights_sha256");
    const auto known = found ? weights_sha256(expected_) : std::nullopt;
    if (found && known) {
      compare_text("weights_sha256", *known, *found);
    } else {
      notes_.push_back(fmt::format("{} has no weights_sha256: not known to be of the same weights",
                                   found ? expected_.file() : actual_.file()));
    }
  }

  void compare_calls() {
    const std::size_t expected = expected_.calls().size();
    if (const std::size_t found = actual_.calls(); found != expected) {
      differences_.push_back(fmt::format("calls: expected {} as in {}, found {}", expected, expected_.file(), found));
      return;
    }
    for (std::size_t i = 0; i < expected; ++i) {
      compare_attributes(CallIndex{i});
      compare_inputs(CallIndex{i});
    }
    if (!absent_inputs_.empty()) {
      notes_.push_back(fmt::format("not known to be of the same inputs, which the dump does not hold: {}",
                                   fmt::join(absent_inputs_, ", ")));
    }
  }

  void compare_attributes(CallIndex call) {
    const std::string path = call_path(call);
    for (const std::string_view each : call_attributes) {
      const std::string attribute(each);
      const auto found = actual_.attribute(path.substr(1), attribute);
      if (!found) continue;
      const auto known = expected_.reader().integer_attribute(path, attribute);
      compare_text(fmt::format("{}: {}", path.substr(1), attribute), fmt::to_string(known.value_or(0)), *found);
    }
  }

  void compare_inputs(CallIndex call) {
    const std::string inputs = call_path(call) + "/inputs";
    const std::string prefix = inputs.substr(1) + "/";
    std::set<std::string> found;
    for (auto at = actual_.arrays().lower_bound(prefix); at != actual_.arrays().end() && at->first.starts_with(prefix);
         ++at) {
      const std::string rest = at->first.substr(prefix.size());
      found.insert(rest.substr(0, rest.find('/')));
      compare_input(call, at->first, rest, at->second);
    }
    for (const std::string& input : expected_.reader().children(inputs)) {
      if (!found.contains(input)) absent_inputs_.insert(input);
    }
  }

  void compare_input(CallIndex call, const std::string& path, const std::string& input, const ArrayFile::Array& array) {
    const auto names = input_names();
    if (std::ranges::find(names, input.substr(0, input.find('/'))) == names.end()) return;  // check() refuses it
    const std::vector<double> found = numbers(actual_.bytes(path), array.dtype);
    const std::string known_path = "/" + path;
    if (!expected_.reader().has(known_path)) {
      if (!is_default(call, input, array.shape, found)) {
        differences_.push_back(fmt::format("{}: expected none as in {}, found one", path, expected_.file()));
      }
      return;
    }
    const Hdf5Reader::Dataset known = expected_.reader().describe(known_path);
    if (known.shape != array.shape) {
      compare_text(path, assay::to_string(known.shape), assay::to_string(array.shape));
      return;
    }
    const std::vector<double> values = numbers(expected_.reader().read_bytes(known_path), known.dtype);
    const auto [a, b] = std::ranges::mismatch(values, found);
    if (a == values.end()) return;
    const Shape index = unravel(static_cast<std::size_t>(a - values.begin()), known.shape);
    compare_text(fmt::format("{}: element {}", path, assay::to_string(index)), fmt::to_string(*a), fmt::to_string(*b));
  }

  /// Whether an input that `expected` does not have says what holds without it.
  [[nodiscard]] bool is_default(CallIndex call, const std::string& input, const Shape& shape,
                                const std::vector<double>& values) const {
    const RecordedCall& recorded = expected_.calls()[call.value];
    if (input == "attention_mask") return std::ranges::all_of(values, [](double value) { return value == 1.0; });
    if (input != "position_ids" || shape.size() != 2 || shape[1] != recorded.length()) return false;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] != static_cast<double>(recorded.past + i % recorded.length())) return false;
    }
    return true;
  }

  const GoldenFile& expected_;
  const ArrayFile& actual_;
  std::vector<std::string> differences_;
  std::vector<std::string> notes_;
  std::set<std::string> absent_inputs_;
};

}  // namespace

Comparability comparability(const GoldenFile& expected, const ArrayFile& actual) {
  return Comparison(expected, actual).result();
}

}  // namespace assay::golden
