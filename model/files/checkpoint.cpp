// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/files/checkpoint.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "model/error.hpp"
#include "model/files/atomic_file.hpp"
#include "model/files/json.hpp"
#include "model/files/safetensors.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::string_view single_name = "model.safetensors";
constexpr std::string_view index_name = "model.safetensors.index.json";

/// The weight_map of an index: tensor -> shard.
std::map<std::string, std::string> read_index(const fs::path& path) {
  const std::string origin = path.string();
  const json::value index = parse_json(read_text_file(path), origin, DuplicateKeys::refused);
  const json::object* const object = index.if_object();
  const json::value* const found = object == nullptr ? nullptr : object->if_contains("weight_map");
  if (found == nullptr || !found->is_object()) {
    throw Error(fmt::format("{}: weight_map: expected an object, found {}", origin,
                            found == nullptr ? "nothing" : json::serialize(*found)));
  }
  std::map<std::string, std::string> shards;
  for (const auto& entry : found->get_object()) {
    const std::string tensor(entry.key());
    const std::string shard = entry.value().is_string() ? std::string(entry.value().get_string()) : "";
    if (shard.empty() || shard == "." || shard == ".." || shard.find_first_of("/\\") != std::string::npos ||
        shard.find('\0') != std::string::npos) {
      throw Error(fmt::format("{}: weight_map.{}: expected the plain name of a file, found {}", origin, tensor,
                              json::serialize(entry.value())));
    }
    shards.emplace(tensor, shard);
  }
  return shards;
}

void check_against_index(const std::map<std::string, StoredTensor>& tensors, const std::string& shard,
                         const std::map<std::string, std::string>& index, const std::string& where) {
  for (const auto& [name, tensor] : tensors) {
    const auto listed = index.find(name);
    if (listed == index.end() || listed->second != shard) {
      throw Error(fmt::format("{}: {}: expected in {} by the index, found in {}", where, name,
                              listed == index.end() ? "no shard" : listed->second, shard));
    }
  }
}

void mark_as_mapped(std::map<std::string, StoredTensor>& tensors) {
  for (auto& [name, tensor] : tensors) tensor.mapped = true;
}

[[noreturn]] void refuse_folder(const fs::path& folder) {
  std::string_view found = "neither";
  for (const std::string_view other : {"pytorch_model.bin", "pytorch_model.bin.index.json"}) {
    if (fs::exists(folder / other)) found = other;
  }
  throw Error(fmt::format("{}: expected {} or {}, found {}{}", folder.string(), single_name, index_name, found,
                          found == "neither" ? "" : "; only safetensors files are read"));
}

}  // namespace

Checkpoint::Checkpoint(const fs::path& folder)
    : where_(folder.string()), config_path_(folder / "config.json"), config_text_(read_text_file(config_path_)) {
  // transformers looks for the single file first, whatever an index beside it says.
  const bool single = fs::exists(folder / single_name);
  if (!single && !fs::exists(folder / index_name)) refuse_folder(folder);
  if (single) {
    const fs::path path = folder / single_name;
    files_.emplace_back(path);
    tensors_ = read_safetensors(files_.back().bytes(), path.string());
    mark_as_mapped(tensors_);
    return;
  }

  const std::map<std::string, std::string> index = read_index(folder / index_name);
  std::set<std::string> shards;
  for (const auto& [tensor, shard] : index) shards.insert(shard);
  for (const std::string& shard : shards) {
    const fs::path path = folder / shard;
    if (!fs::exists(path)) throw Error(fmt::format("{}: expected the shard {}, found nothing", where_, shard));
    files_.emplace_back(path);
    std::map<std::string, StoredTensor> tensors = read_safetensors(files_.back().bytes(), path.string());
    check_against_index(tensors, shard, index, where_);
    mark_as_mapped(tensors);
    tensors_.merge(tensors);
  }
  for (const auto& [name, shard] : index) {
    if (!tensors_.contains(name)) {
      throw Error(fmt::format("{}: {}: expected in {} by the index, found in no shard", where_, name, shard));
    }
  }
}

}  // namespace assay
