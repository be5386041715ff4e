// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Typed access to the members of a JSON object; every complaint names the file and the place in it.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace assay::bench {

/// `number`; JSON has no NaN and no infinities: such numbers become the strings "NaN", "Infinity" and "-Infinity".
[[nodiscard]] boost::json::value json_number(double number);

/// Whether Fields::number reads `value`: a number, or a string that json_number writes.
[[nodiscard]] bool is_number(const boost::json::value& value);

/// Borrows an object that must live on. All throw Error: "FILE: PLACE: KEY: expected ..., found ...".
class Fields {
 public:
  /// `where` is "FILE: PLACE".
  Fields(const boost::json::value& value, std::string where);
  Fields(const boost::json::object& object, std::string where);

  [[nodiscard]] bool has(std::string_view key) const { return object_->contains(key); }
  [[nodiscard]] const boost::json::object& all() const { return *object_; }
  [[nodiscard]] const std::string& where() const { return where_; }

  [[nodiscard]] double number(std::string_view key) const;
  /// Finite and not negative.
  [[nodiscard]] double amount(std::string_view key) const;
  [[nodiscard]] std::uint64_t count(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] bool boolean(std::string_view key) const;
  [[nodiscard]] Fields object(std::string_view key) const;
  /// The objects of an array, "KEY[3]" in their place.
  [[nodiscard]] std::vector<Fields> objects(std::string_view key) const;
  [[nodiscard]] std::vector<double> amounts(std::string_view key) const;
  [[nodiscard]] std::vector<std::uint64_t> counts(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> strings(std::string_view key) const;
  [[nodiscard]] std::map<std::string, std::string> texts(std::string_view key) const;

  /// Throws for a member that is none of `known`: a key that nobody reads is a mistake of spelling.
  void expect_only(std::initializer_list<std::string_view> known) const;

  [[noreturn]] void refuse(std::string_view key, std::string_view expected, std::string_view found) const;
  /// Found is the member itself.
  [[noreturn]] void refuse(std::string_view key, std::string_view expected) const;

 private:
  [[nodiscard]] const boost::json::value& at(std::string_view key, std::string_view expected) const;
  [[nodiscard]] const boost::json::array& array(std::string_view key) const;

  const boost::json::object* object_ = nullptr;
  std::string where_;
};

}  // namespace assay::bench
