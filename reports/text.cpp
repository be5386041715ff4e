// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/text.hpp"

#include <algorithm>

namespace assay::reports {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::string_view ellipsis = "\xE2\x80\xA6";

unsigned byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

/// The bytes of the code point at the front of `text`; 0 where it is not valid UTF-8 (RFC 3629, section 4).
std::size_t code_point_bytes(std::string_view text) {
  const unsigned first = byte_at(text, 0);
  if (first < 0x80) return 1;
  const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < bytes) return 0;
  unsigned lowest = 0x80;
  unsigned highest = 0xBF;
  if (first == 0xE0) lowest = 0xA0;   // shorter forms exist
  if (first == 0xF0) lowest = 0x90;   // shorter forms exist
  if (first == 0xED) highest = 0x9F;  // surrogates
  if (first == 0xF4) highest = 0x8F;  // beyond U+10FFFF
  if (byte_at(text, 1) < lowest || byte_at(text, 1) > highest) return 0;
  for (std::size_t i = 2; i < bytes; ++i) {
    if ((byte_at(text, i) & 0xC0U) != 0x80) return 0;
  }
  return bytes;
}

bool is_control(std::string_view code_point) {
  if (code_point.size() == 1) return byte_at(code_point, 0) < 0x20 || byte_at(code_point, 0) == 0x7F;
  return code_point.size() == 2 && byte_at(code_point, 0) == 0xC2 && byte_at(code_point, 1) < 0xA0;
}

bool starts_code_point(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80; }

/// The offset in bytes of code point number `count`.
std::size_t offset_of(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (starts_code_point(text[at]) && count-- == 0) break;
  }
  return at;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const std::size_t bytes = code_point_bytes(text);
    valid += bytes == 0 ? replacement : text.substr(0, bytes);
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return valid;
}

std::string printable(std::string_view text) {
  const std::string valid = valid_utf8(text);
  std::string clean;
  for (std::string_view rest = valid; !rest.empty();) {
    const std::string_view code_point = rest.substr(0, code_point_bytes(rest));
    clean += is_control(code_point) ? replacement : code_point;
    rest.remove_prefix(code_point.size());
  }
  return clean;
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, starts_code_point));
}

std::string shorten(std::string_view text, std::size_t width) {
  const std::size_t have = columns(text);
  if (have <= width) return std::string(text);
  if (width == 0) return "";
  const std::size_t tail = (width - 1) / 2;
  const std::size_t head = width - 1 - tail;
  std::string shortened(text.substr(0, offset_of(text, head)));
  shortened += ellipsis;
  shortened += text.substr(offset_of(text, have - tail));
  return shortened;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size() < text.size() ? word.size() + 1 : word.size());
    std::string& line = lines.back();
    if (line.empty()) {
      line = word;
    } else if (columns(line) + 1 + columns(word) <= width) {
      line += ' ';
      line += word;
    } else {
      lines.emplace_back(word);
    }
  }
  return lines;
}

}  // namespace assay::reports
