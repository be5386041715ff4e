// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Reads the members of one JSON object of a config as the typed fields of transformers do, remembers which keys were
// read, and words every refusal. Internal to model/config.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// Sizes above this are refused: no tensor of a real model comes near it.
inline constexpr std::int64_t max_size = 2147483647;

class Fields {
 public:
  /// `prefix` goes before every key in messages, for example "rope_scaling.". The object must outlive the reader.
  Fields(const boost::json::object& object, std::string origin, std::string prefix = "")
      : object_(&object), origin_(std::move(origin)), prefix_(std::move(prefix)) {}

  /// The member, or nullptr; from then on the key counts as read.
  const boost::json::value* find(std::string_view key);
  /// The same without counting.
  [[nodiscard]] const boost::json::value* peek(std::string_view key) const { return object_->if_contains(key); }

  /// An integer from `smallest` to `max_size`; `fallback` where the key is absent.
  std::size_t size(std::string_view key, std::size_t fallback, std::int64_t smallest = 1);
  /// The same, but null is allowed and means nothing.
  std::optional<std::size_t> size_or_null(std::string_view key, std::int64_t smallest = 1);
  std::optional<std::int64_t> id_or_null(std::string_view key, std::optional<std::int64_t> fallback);

  /// transformers declares `float`: 1 is refused where 1.0 is meant.
  double strict_float(std::string_view key, double fallback);
  /// transformers declares `float | int`.
  double number(std::string_view key, double fallback);
  /// Null and an absent key mean nothing.
  std::optional<double> number_or_null(std::string_view key);

  bool flag(std::string_view key, bool fallback);
  /// Null is false, as everywhere in Python.
  bool flag_or_null(std::string_view key, bool fallback);

  std::string text(std::string_view key, std::string_view fallback);
  std::optional<std::string> text_or_null(std::string_view key);

  /// Throws "FILE: key: expected X, found Y", Y being the member.
  [[noreturn]] void refuse(std::string_view key, std::string_view expected) const;
  /// The same with Y in words.
  [[noreturn]] void refuse(std::string_view key, std::string_view expected, std::string_view found) const;

  /// The keys that nobody read, with the prefix, in the order of the file; then what `note_unread` was told.
  [[nodiscard]] std::vector<std::string> unread() const;
  /// Adds what nobody read of a member object.
  void note_unread(const Fields& inner);
  [[nodiscard]] const std::string& origin() const { return origin_; }

 private:
  const boost::json::object* object_;
  std::string origin_;
  std::string prefix_;
  std::set<std::string, std::less<>> read_;
  std::vector<std::string> unread_inside_;
};

/// A JSON value for messages: `"8" (a string)`, `8.0 (a float)`, `null`.
[[nodiscard]] std::string describe(const boost::json::value& value);

/// A finite number, but no boolean.
[[nodiscard]] std::optional<double> as_number(const boost::json::value& value);

}  // namespace assay
