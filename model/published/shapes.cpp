// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/published/shapes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "model/error.hpp"
#include "model/files/json.hpp"
#include "model/nearest.hpp"
#include "model/published/files.hpp"

namespace assay {
namespace {

constexpr std::array<std::string_view, 2> endings{"-base", "-instruct"};

std::string_view stem(std::string_view name) {
  for (const std::string_view ending : endings) {
    if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  }
  return name;
}

const PublishedFile& find(std::string_view name) {
  const PublishedFile* found = nullptr;
  std::size_t of_the_stem = 0;
  for (const PublishedFile& file : published_files) {
    if (file.name == name) return file;
    if (stem(file.name) != stem(name)) continue;
    ++of_the_stem;
    if (found == nullptr) found = &file;  // base is before instruct
  }
  // Base and instruct may differ, so another ending than those known is taken only where there is no choice.
  if (found != nullptr && (of_the_stem == 1 || name == stem(name))) return *found;
  const std::string near = nearest(std::string(name), published_names());
  throw Error(fmt::format("--like: expected one of {}, found \"{}\"{}", fmt::join(published_names(), ", "), name,
                          near.empty() ? "" : "; nearest: " + near));
}

void keep_layers(boost::json::object& fields, std::size_t layers) {
  const std::int64_t known = fields.at("num_hidden_layers").as_int64();
  if (layers < 1 || layers > static_cast<std::size_t>(known)) {
    throw Error(fmt::format("--layers: expected 1 to {}, found {}", known, layers));
  }
  fields["num_hidden_layers"] = static_cast<std::int64_t>(layers);
  if (!fields.contains("layer_types")) return;
  boost::json::array& kinds = fields.at("layer_types").as_array();
  const bool has_attention = std::ranges::find(kinds, "attention") != kinds.end();
  const bool has_mamba = std::ranges::find(kinds, "mamba") != kinds.end();
  kinds.resize(layers);
  const bool keeps_attention = std::ranges::find(kinds, "attention") != kinds.end();
  // The published order has the first attention layer deeper than that.
  if (layers > 1 && has_attention && has_mamba && !keeps_attention) kinds.back() = "attention";
}

}  // namespace

std::vector<std::string> published_names() {
  std::vector<std::string> names;
  for (const PublishedFile& file : published_files) names.emplace_back(file.name);
  return names;
}

std::string published_config(std::string_view name, std::optional<std::size_t> layers, DType dtype) {
  const PublishedFile& file = find(name);
  boost::json::object fields = parse_json(file.text, std::string(file.name) + ".json").as_object();
  if (layers) keep_layers(fields, *layers);
  fields["torch_dtype"] = dtype == DType::bf16 ? "bfloat16" : "float32";
  return pretty_json(fields);
}

}  // namespace assay
