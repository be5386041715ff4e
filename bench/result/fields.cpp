// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/result/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "model/error.hpp"
#include "model/nearest.hpp"

namespace assay::bench {
namespace {

namespace json = boost::json;

constexpr std::size_t most_letters = 60;

std::string found_text(const json::value& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return fmt::format("a list of {}", value.get_array().size());
  if (value.is_double()) return fmt::format("{}", value.get_double());
  std::string text = json::serialize(value);
  if (text.size() <= most_letters) return text;
  text.resize(most_letters);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80U) != 0) text.pop_back();  // no half letter
  return text + "...";
}

std::optional<double> number_of(const json::value& value) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (value.is_number()) return value.to_number<double>();
  if (!value.is_string()) return std::nullopt;
  if (value.get_string() == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (value.get_string() == "Infinity") return infinity;
  if (value.get_string() == "-Infinity") return -infinity;
  return std::nullopt;
}

std::optional<std::uint64_t> count_of(const json::value& value) {
  if (value.is_uint64()) return value.get_uint64();
  if (value.is_int64() && value.get_int64() >= 0) return static_cast<std::uint64_t>(value.get_int64());
  return std::nullopt;
}

}  // namespace

json::value json_number(double number) {
  if (std::isfinite(number)) return number;
  return std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
}

bool is_number(const json::value& value) { return number_of(value).has_value(); }

Fields::Fields(const json::value& value, std::string where) : where_(std::move(where)) {
  if (!value.is_object()) throw Error(fmt::format("{}: expected an object, found {}", where_, found_text(value)));
  object_ = &value.get_object();
}

Fields::Fields(const json::object& object, std::string where) : object_(&object), where_(std::move(where)) {}

double Fields::number(std::string_view key) const {
  const json::value& value = at(key, "a number");
  const std::optional<double> number = number_of(value);
  if (!number) refuse(key, "a number");
  return *number;
}

double Fields::amount(std::string_view key) const {
  const double value = number(key);
  if (!(value >= 0) || std::isinf(value)) refuse(key, "a finite number of at least 0");
  return value;
}

std::uint64_t Fields::count(std::string_view key) const {
  const json::value& value = at(key, "a whole number of at least 0");
  const std::optional<std::uint64_t> count = count_of(value);
  if (!count) refuse(key, "a whole number of at least 0");
  return *count;
}

std::string Fields::text(std::string_view key) const {
  const json::value& value = at(key, "a string");
  if (!value.is_string()) refuse(key, "a string");
  return std::string(value.get_string());
}

bool Fields::boolean(std::string_view key) const {
  const json::value& value = at(key, "true or false");
  if (!value.is_bool()) refuse(key, "true or false");
  return value.get_bool();
}

Fields Fields::object(std::string_view key) const { return {at(key, "an object"), fmt::format("{}: {}", where_, key)}; }

std::vector<Fields> Fields::objects(std::string_view key) const {
  std::vector<Fields> objects;
  for (const json::value& item : array(key)) {
    objects.emplace_back(item, fmt::format("{}: {}[{}]", where_, key, objects.size()));
  }
  return objects;
}

std::vector<double> Fields::amounts(std::string_view key) const {
  std::vector<double> amounts;
  for (const json::value& item : array(key)) {
    const std::optional<double> number = number_of(item);
    if (!number || !(*number >= 0) || std::isinf(*number)) {
      refuse(fmt::format("{}[{}]", key, amounts.size()), "a finite number of at least 0", found_text(item));
    }
    amounts.push_back(*number);
  }
  return amounts;
}

std::vector<std::uint64_t> Fields::counts(std::string_view key) const {
  std::vector<std::uint64_t> counts;
  for (const json::value& item : array(key)) {
    const std::optional<std::uint64_t> count = count_of(item);
    if (!count) refuse(fmt::format("{}[{}]", key, counts.size()), "a whole number of at least 0", found_text(item));
    counts.push_back(*count);
  }
  return counts;
}

std::vector<std::string> Fields::strings(std::string_view key) const {
  std::vector<std::string> strings;
  for (const json::value& item : array(key)) {
    if (!item.is_string()) refuse(fmt::format("{}[{}]", key, strings.size()), "a string", found_text(item));
    strings.emplace_back(item.get_string());
  }
  return strings;
}

std::map<std::string, std::string> Fields::texts(std::string_view key) const {
  const Fields members = object(key);
  std::map<std::string, std::string> texts;
  for (const auto& member : *members.object_) texts.emplace(member.key(), members.text(member.key()));
  return texts;
}

void Fields::expect_only(std::initializer_list<std::string_view> known) const {
  for (const auto& member : *object_) {
    const std::string_view key = member.key();
    if (std::ranges::find(known, key) != known.end()) continue;
    const std::string near = nearest(std::string(key), std::vector<std::string>(known.begin(), known.end()));
    throw Error(fmt::format("{}: {}: expected a known key, found none of that name{}", where_, key,
                            near.empty() ? "" : "; nearest: " + near));
  }
}

void Fields::refuse(std::string_view key, std::string_view expected, std::string_view found) const {
  throw Error(fmt::format("{}: {}: expected {}, found {}", where_, key, expected, found));
}

void Fields::refuse(std::string_view key, std::string_view expected) const {
  refuse(key, expected, found_text(object_->at(key)));
}

const json::value& Fields::at(std::string_view key, std::string_view expected) const {
  const json::value* const value = object_->if_contains(key);
  if (value == nullptr) refuse(key, expected, "none");
  return *value;
}

const json::array& Fields::array(std::string_view key) const {
  const json::value& value = at(key, "a list");
  if (!value.is_array()) refuse(key, "a list");
  return value.get_array();
}

}  // namespace assay::bench
