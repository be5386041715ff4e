// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/prompts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "model/error.hpp"
#include "model/files/atomic_file.hpp"

namespace assay {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::int64_t parse_id(const std::string& where, std::string_view word) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
  if (error != std::errc{} || end != word.data() + word.size()) {
    throw Error(fmt::format("{}: expected token ids separated by commas, found \"{}\"", where, word));
  }
  return id;
}

/// The words between two commas: one or more.
void parse_field(const std::string& where, std::string_view field, std::vector<std::int64_t>& ids) {
  std::size_t words = 0;
  while (true) {
    const std::size_t first = field.find_first_not_of(blanks);
    if (first == std::string_view::npos) break;
    field.remove_prefix(first);
    const std::string_view word = field.substr(0, field.find_first_of(blanks));
    ids.push_back(parse_id(where, word));
    field.remove_prefix(word.size());
    ++words;
  }
  if (words == 0) throw Error(fmt::format("{}: expected token ids separated by commas, found \"\"", where));
}

std::vector<std::int64_t> parse_list(const std::string& where, std::string_view text) {
  if (text.find_first_not_of(blanks) == std::string_view::npos) {
    throw Error(fmt::format("{}: expected at least one token id, found none", where));
  }
  std::vector<std::int64_t> ids;
  for (std::size_t comma = text.find(','); comma != std::string_view::npos; comma = text.find(',')) {
    parse_field(where, text.substr(0, comma), ids);
    text.remove_prefix(comma + 1);
  }
  parse_field(where, text, ids);
  return ids;
}

}  // namespace

std::vector<std::int64_t> parse_ids(std::string_view option, const std::string& text) {
  const bool from_file = text.starts_with('@');
  const std::string where = from_file ? text.substr(1) : std::string(option);
  return parse_list(where, from_file ? read_text_file(where) : text);
}

std::vector<Prompt> read_prompts(const std::string& path) {
  const std::string content = read_text_file(path);
  std::vector<Prompt> prompts;
  std::string_view rest = content;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t first = line.find_first_not_of(blanks);
    if (first == std::string_view::npos || line[first] == '#') continue;
    std::string where = fmt::format("{}: line {}", path, number);
    std::vector<std::int64_t> ids = parse_list(where, line);
    prompts.push_back({std::move(where), std::move(ids)});
  }
  if (prompts.empty()) throw Error(fmt::format("{}: expected at least one prompt, found none", path));
  return prompts;
}

void check_ids(const Prompt& prompt, const Config& config) {
  const auto vocab_size = static_cast<std::int64_t>(common(config).vocab_size);
  for (std::size_t i = 0; i < prompt.ids.size(); ++i) {
    if (prompt.ids[i] >= 0 && prompt.ids[i] < vocab_size) continue;
    throw Error(fmt::format("{}: token {}: expected 0 to {} (vocab_size {}), found {}", prompt.where, i, vocab_size - 1,
                            vocab_size, prompt.ids[i]));
  }
}

}  // namespace assay
