// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "generation/special_tokens.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "model/error.hpp"
#include "model/files/atomic_file.hpp"
#include "model/files/json.hpp"

namespace assay::generation {
namespace {

namespace json = boost::json;

std::int64_t id_of(const json::value& value, std::string_view key, const std::string& origin) {
  if (!value.is_int64()) {
    throw Error(fmt::format("{}: {}: expected token ids, found {}", origin, key, json::serialize(value)));
  }
  return value.get_int64();
}

/// One id, several, or null.
std::vector<std::int64_t> ids_of(const json::object& object, std::string_view key, const std::string& origin) {
  std::vector<std::int64_t> ids;
  const json::value* const value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return ids;
  if (const json::array* const several = value->if_array()) {
    for (const json::value& each : *several) ids.push_back(id_of(each, key, origin));
  } else {
    ids.push_back(id_of(*value, key, origin));
  }
  return ids;
}

}  // namespace

std::optional<std::int64_t> SpecialTokens::pad() const {
  if (pad_token_id || eos_token_id.empty()) return pad_token_id;
  return eos_token_id.front();
}

SpecialTokens special_tokens(const Config& config) {
  return {common(config).eos_token_id, common(config).pad_token_id};
}

SpecialTokens parse_generation_config(std::string_view text, const std::string& origin) {
  const json::value document = parse_json(text, origin);
  const json::object* const object = document.if_object();
  if (object == nullptr) throw Error(fmt::format("{}: expected an object, found another value", origin));
  SpecialTokens tokens;
  tokens.eos_token_id = ids_of(*object, "eos_token_id", origin);
  const std::vector<std::int64_t> pads = ids_of(*object, "pad_token_id", origin);
  if (pads.size() > 1) throw Error(fmt::format("{}: pad_token_id: expected one id, found {}", origin, pads.size()));
  if (!pads.empty()) tokens.pad_token_id = pads.front();
  return tokens;
}

SpecialTokens special_tokens(const std::filesystem::path& folder, const Config& config) {
  const std::filesystem::path path = folder / "generation_config.json";
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return special_tokens(config);
  return parse_generation_config(read_text_file(path), path.string());
}

}  // namespace assay::generation
