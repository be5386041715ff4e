// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/config/fields.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <cmath>

#include "model/error.hpp"
#include "model/files/json.hpp"

namespace assay {

namespace json = boost::json;

std::string describe(const json::value& value) {
  std::string text = pretty_json(value);
  text.pop_back();
  switch (value.kind()) {
    case json::kind::string:
      return fmt::format("{} (a string)", text);
    case json::kind::double_:
      return fmt::format("{} (a float)", text);
    case json::kind::int64:
    case json::kind::uint64:
      return fmt::format("{} (an integer)", text);
    case json::kind::array:
      return fmt::format("a list of {}", value.get_array().size());
    case json::kind::object:
      return "an object";
    case json::kind::bool_:
    case json::kind::null:
      return text;
  }
  return text;
}

std::optional<double> as_number(const json::value& value) {
  if (value.is_int64()) return static_cast<double>(value.get_int64());
  if (value.is_uint64()) return static_cast<double>(value.get_uint64());
  if (value.is_double() && std::isfinite(value.get_double())) return value.get_double();
  return std::nullopt;
}

const json::value* Fields::find(std::string_view key) {
  read_.emplace(key);
  return object_->if_contains(key);
}

std::size_t Fields::size(std::string_view key, std::size_t fallback, std::int64_t smallest) {
  const json::value* const value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_int64() || value->get_int64() < smallest || value->get_int64() > max_size) {
    refuse(key, fmt::format("an integer from {} to {}", smallest, max_size));
  }
  return static_cast<std::size_t>(value->get_int64());
}

std::optional<std::size_t> Fields::size_or_null(std::string_view key, std::int64_t smallest) {
  const json::value* const value = find(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_int64() || value->get_int64() < smallest || value->get_int64() > max_size) {
    refuse(key, fmt::format("an integer from {} to {}, or null", smallest, max_size));
  }
  return static_cast<std::size_t>(value->get_int64());
}

std::optional<std::int64_t> Fields::id_or_null(std::string_view key, std::optional<std::int64_t> fallback) {
  const json::value* const value = find(key);
  if (value == nullptr) return fallback;
  if (value->is_null()) return std::nullopt;
  if (!value->is_int64()) refuse(key, "an integer or null");
  return value->get_int64();
}

double Fields::strict_float(std::string_view key, double fallback) {
  const json::value* const value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_double() || !std::isfinite(value->get_double())) refuse(key, "a finite float, with a decimal point");
  return value->get_double();
}

double Fields::number(std::string_view key, double fallback) {
  const json::value* const value = find(key);
  if (value == nullptr) return fallback;
  const std::optional<double> found = as_number(*value);
  if (!found) refuse(key, "a finite number");
  return *found;
}

std::optional<double> Fields::number_or_null(std::string_view key) {
  const json::value* const value = find(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  const std::optional<double> found = as_number(*value);
  if (!found) refuse(key, "a finite number or null");
  return found;
}

bool Fields::flag(std::string_view key, bool fallback) {
  const json::value* const value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_bool()) refuse(key, "true or false");
  return value->get_bool();
}

bool Fields::flag_or_null(std::string_view key, bool fallback) {
  const json::value* const value = find(key);
  if (value == nullptr) return fallback;
  if (value->is_null()) return false;
  if (!value->is_bool()) refuse(key, "true, false or null");
  return value->get_bool();
}

std::string Fields::text(std::string_view key, std::string_view fallback) {
  const json::value* const value = find(key);
  if (value == nullptr) return std::string(fallback);
  if (!value->is_string()) refuse(key, "a string");
  return std::string(value->get_string());
}

std::optional<std::string> Fields::text_or_null(std::string_view key) {
  const json::value* const value = find(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_string()) refuse(key, "a string or null");
  return std::string(value->get_string());
}

void Fields::refuse(std::string_view key, std::string_view expected) const {
  const json::value* const value = object_->if_contains(key);
  refuse(key, expected, value == nullptr ? "nothing" : describe(*value));
}

void Fields::refuse(std::string_view key, std::string_view expected, std::string_view found) const {
  throw Error(fmt::format("{}: {}{}: expected {}, found {}", origin_, prefix_, key, expected, found));
}

std::vector<std::string> Fields::unread() const {
  std::vector<std::string> keys;
  for (const auto& member : *object_) {
    if (!read_.contains(std::string_view(member.key()))) keys.push_back(prefix_ + std::string(member.key()));
  }
  keys.insert(keys.end(), unread_inside_.begin(), unread_inside_.end());
  return keys;
}

void Fields::note_unread(const Fields& inner) {
  const std::vector<std::string> keys = inner.unread();
  unread_inside_.insert(unread_inside_.end(), keys.begin(), keys.end());
}

}  // namespace assay
