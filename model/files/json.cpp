// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/files/json.hpp"

#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "model/error.hpp"

namespace assay {
namespace {

namespace json = boost::json;

constexpr std::size_t max_depth = 64;

/// Builds the value. Unlike Boost's own handler it rounds decimals exactly, as Python does (Boost.JSON 1.81 may be off
/// by an ulp), and it can see duplicate keys.
class Builder {
 public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  explicit Builder(DuplicateKeys duplicates) : duplicates_(duplicates) {}

  [[nodiscard]] json::value release() { return stack_.release(); }
  [[nodiscard]] const std::string& duplicate() const { return duplicate_; }

  bool on_document_begin(json::error_code&) {
    stack_.reset();
    return true;
  }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    keys_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t n, json::error_code&) {
    keys_.pop_back();
    stack_.push_object(n);
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t n, json::error_code&) {
    stack_.push_array(n);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    key_.append(part);
    stack_.push_chars(part);
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code& error) {
    key_.append(part);
    stack_.push_key(part);
    if (duplicates_ == DuplicateKeys::refused && !keys_.back().insert(key_).second) {
      duplicate_ = key_;
      error = json::error::syntax;
      return false;
    }
    key_.clear();
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    stack_.push_string(part);
    return true;
  }
  bool on_number_part(json::string_view part, json::error_code&) {
    number_.append(part);
    return true;
  }
  bool on_int64(std::int64_t value, json::string_view, json::error_code&) {
    number_.clear();
    stack_.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, json::string_view, json::error_code&) {
    number_.clear();
    stack_.push_uint64(value);
    return true;
  }
  bool on_double(double approximate, json::string_view part, json::error_code&) {
    number_.append(part);
    double exact = approximate;
    const auto [end, error] = std::from_chars(number_.data(), number_.data() + number_.size(), exact);
    if (error != std::errc{}) exact = approximate;  // beyond the range of double: 0 or infinity, as in Python
    number_.clear();
    stack_.push_double(exact);
    return true;
  }
  bool on_bool(bool value, json::error_code&) {
    stack_.push_bool(value);
    return true;
  }
  bool on_null(json::error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  DuplicateKeys duplicates_;
  json::value_stack stack_;
  std::string key_;
  std::string number_;
  std::string duplicate_;
  std::vector<std::set<std::string>> keys_;
};

/// A piece of the text: JSON that Boost can read, or one bare NaN, Infinity or -Infinity.
struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool special = false;
};

/// Python's json knows these three tokens; they stand outside of strings.
std::vector<Piece> split_at_special_floats(std::string_view text) {
  std::vector<Piece> pieces;
  std::size_t begin = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (in_string) {
      if (text[at] == '\\')
        ++at;
      else if (text[at] == '"')
        in_string = false;
      continue;
    }
    if (text[at] == '"') in_string = true;
    if (text[at] != 'N' && text[at] != 'I' && text[at] != '-') continue;
    for (const std::string_view token : {"NaN", "Infinity", "-Infinity"}) {
      if (!text.substr(at).starts_with(token)) continue;
      pieces.push_back({begin, at, false});
      pieces.push_back({at, at + token.size(), true});
      begin = at + token.size();
      at = begin - 1;
      break;
    }
  }
  pieces.push_back({begin, text.size(), false});
  return pieces;
}

std::string place(std::string_view text, std::size_t at) {
  std::size_t line = 1;
  std::size_t column = 1;
  for (const char character : text.substr(0, at)) {
    column = character == '\n' ? 1 : column + 1;
    if (character == '\n') ++line;
  }
  return fmt::format("line {}, column {}", line, column);
}

/// Turns {"__float__": "Infinity"}, as transformers writes it, into the number.
void decode_special_floats(json::value& value) {
  if (json::array* const array = value.if_array()) {
    for (json::value& item : *array) decode_special_floats(item);
  }
  json::object* const object = value.if_object();
  if (object == nullptr) return;
  const json::value* const tag = object->size() == 1 ? object->if_contains("__float__") : nullptr;
  if (tag == nullptr || !tag->is_string()) {
    for (auto& member : *object) decode_special_floats(member.value());
  } else if (tag->get_string() == "NaN") {
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (tag->get_string() == "Infinity") {
    value = std::numeric_limits<double>::infinity();
  } else if (tag->get_string() == "-Infinity") {
    value = -std::numeric_limits<double>::infinity();
  }
}

std::string number_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  std::string text = fmt::format("{}", number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

void write(const json::value& value, const std::string& indent, std::string& out) {
  const std::string inner = indent + "  ";
  std::string_view separator = "\n";
  if (const json::object* const object = value.if_object(); object != nullptr && !object->empty()) {
    out += '{';
    for (const auto& member : *object) {
      out += fmt::format("{}{}{}: ", separator, inner, json::serialize(json::string(member.key())));
      write(member.value(), inner, out);
      separator = ",\n";
    }
    out += fmt::format("\n{}}}", indent);
  } else if (const json::array* const array = value.if_array(); array != nullptr && !array->empty()) {
    out += '[';
    for (const json::value& item : *array) {
      out += fmt::format("{}{}", separator, inner);
      write(item, inner, out);
      separator = ",\n";
    }
    out += fmt::format("\n{}]", indent);
  } else if (value.is_double()) {
    out += number_text(value.get_double());
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

json::value parse_json(std::string_view text, const std::string& origin, DuplicateKeys duplicates) {
  json::parse_options options;
  options.max_depth = max_depth;
  json::basic_parser<Builder> parser(options, duplicates);
  const auto complain = [&](const json::error_code& error, std::size_t at) {
    const std::string& duplicate = parser.handler().duplicate();
    throw Error(fmt::format("{}: {}: not valid JSON: {}", origin, place(text, at),
                            duplicate.empty() ? error.message() : fmt::format("the key \"{}\" twice", duplicate)));
  };
  json::error_code error;
  for (const Piece& piece : split_at_special_floats(text)) {
    const std::string_view token = text.substr(piece.begin, piece.end - piece.begin);
    const std::string chunk = piece.special ? fmt::format(R"({{"__float__":"{}"}})", token) : std::string(token);
    const bool more = piece.end != text.size() || piece.special;
    const std::size_t read_bytes = parser.write_some(more, chunk.data(), chunk.size(), error);
    if (error) complain(error, piece.begin + (piece.special ? 0 : read_bytes));
    if (read_bytes < chunk.size()) complain(make_error_code(json::error::extra_data), piece.begin + read_bytes);
  }
  json::value value = parser.handler().release();
  decode_special_floats(value);
  return value;
}

std::string pretty_json(const json::value& value) {
  std::string out;
  write(value, "", out);
  out += '\n';
  return out;
}

}  // namespace assay
