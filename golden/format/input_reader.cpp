// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/input_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <type_traits>
#include <vector>

#include "model/error.hpp"

namespace assay::golden {
namespace {

constexpr std::array<std::string_view, 5> axes_text{"no axes", "one axis", "two axes", "three axes", "four axes"};

bool as_flag(const Hdf5Reader& reader, const std::string& object, const std::string& name, std::int64_t value) {
  if (value != 0 && value != 1) {
    throw Error(fmt::format("{}: {}: attribute {}: expected 0 or 1, found {}", reader.file(), object, name, value));
  }
  return value == 1;
}

LayerPast read_layer(const Hdf5Reader& reader, const std::string& group) {
  LayerPast layer;
  for (const std::string& name : reader.children(group)) {
    const std::string path = group + "/" + name;
    if (name == "keys") {
      layer.keys = read_tensor<float, 4>(reader, path);
    } else if (name == "values") {
      layer.values = read_tensor<float, 4>(reader, path);
    } else if (name == "conv_state") {
      layer.conv_state = read_tensor<float, 3>(reader, path);
    } else if (name == "ssm_state") {
      layer.ssm_state = read_tensor<float, 4>(reader, path);
    } else {
      throw Error(
          fmt::format("{}: {}: expected keys, values, conv_state or ssm_state, found {}", reader.file(), group, name));
    }
  }
  return layer;
}

}  // namespace

template <class T, std::size_t Rank>
Tensor<T, Rank> read_tensor(const Hdf5Reader& reader, const std::string& dataset) {
  const Shape shape = reader.describe(dataset).shape;
  if (shape.size() != Rank) {
    throw Error(
        fmt::format("{}: {}: expected {}, found {}", reader.file(), dataset, axes_text[Rank], to_string(shape)));
  }
  if (std::ranges::find(shape, std::size_t{0}) != shape.end()) {
    throw Error(fmt::format("{}: {}: expected no empty axis, found {}", reader.file(), dataset, to_string(shape)));
  }
  const std::vector<T> values = reader.read<T>(dataset);
  if constexpr (std::is_floating_point_v<T>) {
    const auto bad = std::ranges::find_if(values, [](T value) { return !std::isfinite(value); });
    if (bad != values.end()) {
      throw Error(fmt::format("{}: {}: element {}: expected a finite number, found {}", reader.file(), dataset,
                              bad - values.begin(), *bad));
    }
  }
  std::array<std::size_t, Rank> extents{};
  std::ranges::copy(shape, extents.begin());
  Tensor<T, Rank> tensor(extents);
  std::ranges::copy(values, tensor.view().flat().begin());
  return tensor;
}

template Tensor<std::int64_t, 1> read_tensor(const Hdf5Reader&, const std::string&);
template Tensor<std::int64_t, 2> read_tensor(const Hdf5Reader&, const std::string&);
template Tensor<float, 2> read_tensor(const Hdf5Reader&, const std::string&);
template Tensor<float, 3> read_tensor(const Hdf5Reader&, const std::string&);
template Tensor<float, 4> read_tensor(const Hdf5Reader&, const std::string&);

std::int64_t required_integer(const Hdf5Reader& reader, const std::string& object, const std::string& name) {
  const auto value = reader.integer_attribute(object, name);
  if (!value) {
    throw Error(fmt::format("{}: {}: attribute {}: expected an integer, found none", reader.file(), object, name));
  }
  return *value;
}

std::int64_t count_or_zero(const Hdf5Reader& reader, const std::string& object, const std::string& name) {
  const std::int64_t value = reader.integer_attribute(object, name).value_or(0);
  if (value < 0) {
    throw Error(fmt::format("{}: {}: attribute {}: expected 0 or more, found {}", reader.file(), object, name, value));
  }
  return value;
}

bool flag_or_zero(const Hdf5Reader& reader, const std::string& object, const std::string& name) {
  return as_flag(reader, object, name, reader.integer_attribute(object, name).value_or(0));
}

bool required_flag(const Hdf5Reader& reader, const std::string& object, const std::string& name) {
  return as_flag(reader, object, name, required_integer(reader, object, name));
}

PastKeyValues read_past_key_values(const Hdf5Reader& reader, const std::string& group) {
  // Behind it a float32 does not hold every position (model/call.cpp).
  constexpr std::int64_t most_tokens = std::int64_t{1} << 24;
  PastKeyValues past;
  const std::int64_t tokens = required_integer(reader, group, "tokens");
  if (tokens < 1 || tokens > most_tokens) {
    throw Error(
        fmt::format("{}: {}: attribute tokens: expected 1 to {}, found {}", reader.file(), group, most_tokens, tokens));
  }
  past.tokens = static_cast<std::size_t>(tokens);
  if (!reader.has(group + "/layers")) {
    throw Error(fmt::format("{}: {}/layers: expected a group for each layer, found none", reader.file(), group));
  }
  for (const std::string& name : reader.children(group + "/layers")) {
    if (const std::string expected = fmt::format("{:03}", past.layers.size()); name != expected) {
      throw Error(fmt::format("{}: {}/layers: expected {}, found {}", reader.file(), group, expected, name));
    }
    past.layers.push_back(read_layer(reader, group + "/layers/" + name));
  }
  return past;
}

}  // namespace assay::golden
