// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/config/rope.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "model/config/parse.hpp"

namespace assay {
namespace {

namespace json = boost::json;

constexpr std::array<RopeType, 7> all_types = {RopeType::default_type, RopeType::linear,   RopeType::dynamic,
                                               RopeType::yarn,         RopeType::longrope, RopeType::llama3,
                                               RopeType::proportional};

/// rope_scaling if it says anything, else rope_parameters, else an empty object. A loser that says something stays
/// unread and is reported as ignored; its type is checked all the same.
std::string_view dictionary_key(Fields& fields) {
  for (const std::string_view key : {"rope_parameters", "rope_scaling"}) {
    const json::value* const value = fields.peek(key);
    if (value != nullptr && !value->is_null() && !value->is_object()) fields.refuse(key, "an object or null");
    if (value != nullptr && value->is_null()) (void)fields.find(key);
  }
  const json::value* const scaling = fields.find("rope_scaling");
  const bool wins = scaling != nullptr && scaling->is_object() && !scaling->get_object().empty();
  return wins ? "rope_scaling" : "rope_parameters";
}

RopeType parse_type(Fields& dictionary) {
  const json::value* const older = dictionary.find("type");
  const json::value* const newer = dictionary.find("rope_type");
  const json::value* const found = newer != nullptr ? newer : older;
  if (found == nullptr) return RopeType::default_type;
  for (const RopeType type : all_types) {
    if (found->is_string() && std::string_view(found->get_string()) == name(type)) return type;
  }
  dictionary.refuse(newer != nullptr ? "rope_type" : "type",
                    "default, linear, dynamic, yarn, longrope, llama3 or proportional");
}

/// A number that must be there and must not be null.
double required(Fields& dictionary, std::string_view key) {
  const json::value* const value = dictionary.find(key);
  const std::optional<double> found = value == nullptr ? std::nullopt : as_number(*value);
  if (!found) dictionary.refuse(key, "a finite number");
  return *found;
}

/// transformers writes `x or default`: a zero asks for the default.
std::optional<double> number_unless_zero(Fields& dictionary, std::string_view key) {
  const std::optional<double> found = dictionary.number_or_null(key);
  return found == 0.0 ? std::nullopt : found;
}

/// One factor for each pair of a head; a list of one serves them all, as torch broadcasts it.
std::vector<double> factors(Fields& dictionary, std::string_view key, std::size_t pairs) {
  const std::string expected = fmt::format("a list of {} numbers", pairs);
  const json::value* const value = dictionary.find(key);
  if (value == nullptr || !value->is_array()) dictionary.refuse(key, expected);
  std::vector<double> numbers;
  for (const json::value& item : value->get_array()) {
    const std::optional<double> number = as_number(item);
    if (!number) dictionary.refuse(key, expected, "a list with " + describe(item));
    numbers.push_back(*number);
  }
  if (numbers.size() == 1) numbers.resize(pairs, numbers.front());
  if (numbers.size() != pairs) dictionary.refuse(key, expected);
  return numbers;
}

void parse_theta(Fields& fields, Fields& dictionary, RopeConfig& rope) {
  constexpr std::string_view key = "rope_theta";
  const bool inside = dictionary.find(key) != nullptr;
  if (inside || fields.find(key) != nullptr) rope.rope_theta = required(inside ? dictionary : fields, key);
  if (rope.rope_theta <= 0) (inside ? dictionary : fields).refuse(key, "a positive number");
}

/// Granite: a top-level key wins, because the rotary module applies it again when it is built. PhiMoE: the dictionary
/// wins and the top-level key is ignored. Both: null inside the dictionary is refused even where it would lose.
void parse_original_positions(Fields& fields, Fields& dictionary, Family family, std::size_t positions,
                              RopeConfig& rope) {
  constexpr std::string_view key = "original_max_position_embeddings";
  const bool stretched =
      rope.type == RopeType::yarn || rope.type == RopeType::longrope || rope.type == RopeType::llama3;
  const bool phimoe = family == Family::phimoe;
  if (rope.type == RopeType::default_type || (!phimoe && !stretched)) return;
  // PhiMoE compares with it in every forward, but transformers fills it in for the stretched types only.
  if (!stretched || dictionary.find(key) != nullptr)
    rope.original_max_position_embeddings = required(dictionary, key);
  else
    rope.original_max_position_embeddings = static_cast<double>(positions);
  Fields* owner = &dictionary;
  if (!phimoe && fields.find(key) != nullptr) {
    owner = &fields;
    rope.original_max_position_embeddings = required(fields, key);
  }
  // longrope divides by its logarithm.
  const double smallest = rope.type == RopeType::longrope ? 2.0 : 1.0;
  if (*rope.original_max_position_embeddings < smallest) owner->refuse(key, fmt::format("{} or more", smallest));
}

void parse_partial_factor(Fields& fields, Fields& dictionary, RopeConfig& rope) {
  constexpr std::string_view key = "partial_rotary_factor";
  if (rope.type == RopeType::default_type) return;  // transformers ignores the key, and so it stays unread
  const json::value* const outside = fields.find(key);
  const bool inside = dictionary.find(key) != nullptr;
  if (!inside && (outside == nullptr || outside->is_null())) return;
  Fields& owner = inside ? dictionary : fields;
  rope.partial_rotary_factor = required(owner, key);
  if (rope.type == RopeType::proportional) {
    if (*rope.partial_rotary_factor < 0 || *rope.partial_rotary_factor > 1) owner.refuse(key, "a number from 0 to 1");
  } else if (*rope.partial_rotary_factor != 1.0) {
    owner.refuse(key, fmt::format("1 with rope type {}", name(rope.type)));
  }
}

void parse_yarn(Fields& dictionary, RopeConfig& rope) {
  if (dictionary.find("factor") == nullptr) dictionary.refuse("factor", "a finite number or null");
  rope.factor = dictionary.number_or_null("factor");
  rope.attention_factor = dictionary.number_or_null("attention_factor");
  rope.beta_fast = number_unless_zero(dictionary, "beta_fast");
  rope.beta_slow = number_unless_zero(dictionary, "beta_slow");
  rope.mscale = dictionary.number_or_null("mscale");
  rope.mscale_all_dim = dictionary.number_or_null("mscale_all_dim");
  if (dictionary.find("truncate") != nullptr) rope.truncate = dictionary.flag_or_null("truncate", true);
}

void parse_keys_of_type(Fields& dictionary, std::size_t pairs, RopeConfig& rope) {
  switch (rope.type) {
    case RopeType::default_type:
      return;
    case RopeType::linear:
    case RopeType::dynamic:
      rope.factor = required(dictionary, "factor");
      return;
    case RopeType::yarn:
      parse_yarn(dictionary, rope);
      return;
    case RopeType::longrope:
      rope.short_factor = factors(dictionary, "short_factor", pairs);
      rope.long_factor = factors(dictionary, "long_factor", pairs);
      rope.factor = dictionary.number_or_null("factor");
      rope.attention_factor = dictionary.number_or_null("attention_factor");
      return;
    case RopeType::llama3:
      rope.factor = required(dictionary, "factor");
      rope.low_freq_factor = required(dictionary, "low_freq_factor");
      rope.high_freq_factor = required(dictionary, "high_freq_factor");
      return;
    case RopeType::proportional:
      if (dictionary.find("factor") != nullptr) rope.factor = required(dictionary, "factor");
      return;
  }
}

}  // namespace

std::string_view name(RopeType type) {
  switch (type) {
    case RopeType::default_type:
      return "default";
    case RopeType::linear:
      return "linear";
    case RopeType::dynamic:
      return "dynamic";
    case RopeType::yarn:
      return "yarn";
    case RopeType::longrope:
      return "longrope";
    case RopeType::llama3:
      return "llama3";
    case RopeType::proportional:
      return "proportional";
  }
  return "?";
}

RopeConfig parse_rope(Fields& fields, const TransformerConfig& config, Family family) {
  const std::string_view key = dictionary_key(fields);
  const json::value* const found = fields.find(key);
  const json::object none;
  const json::object& object = found != nullptr && found->is_object() ? found->get_object() : none;
  Fields dictionary(object, fields.origin(), fmt::format("{}.", key));

  RopeConfig rope;
  rope.rope_theta = family == Family::phimoe ? 1e6 : 1e4;
  rope.type = parse_type(dictionary);
  parse_theta(fields, dictionary, rope);
  const std::size_t head_size = config.head_dim.value_or(config.hidden_size / config.num_attention_heads);
  parse_keys_of_type(dictionary, head_size / 2, rope);
  parse_original_positions(fields, dictionary, family, config.max_position_embeddings, rope);
  parse_partial_factor(fields, dictionary, rope);
  if (family == Family::phimoe && rope.type != RopeType::default_type) {
    rope.short_mscale = required(dictionary, "short_mscale");
    rope.long_mscale = required(dictionary, "long_mscale");
  }
  for (const std::string& unread : dictionary.unread()) {
    const std::string_view member = std::string_view(unread).substr(key.size() + 1);
    if (object.at(member).is_object())
      dictionary.refuse(member, "a number: a rope for each layer type is not supported");
  }
  fields.note_unread(dictionary);
  return rope;
}

}  // namespace assay
