// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/recorded_checkpoint.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>

#include "model/error.hpp"
#include "model/files/json.hpp"
#include "model/files/sha256.hpp"

namespace assay::golden {
namespace {

namespace json = boost::json;

[[noreturn]] void malformed(const std::string& origin, std::string_view key, std::string_view expected) {
  throw Error(fmt::format("{}: {}: expected {}, found something else", origin, key, expected));
}

const json::value& member(const json::object& object, std::string_view key, const std::string& origin) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) throw Error(fmt::format("{}: {}: expected a value, found none", origin, key));
  return *value;
}

std::string text_of(const json::object& object, std::string_view key, const std::string& origin) {
  const json::string* text = member(object, key, origin).if_string();
  if (text == nullptr) malformed(origin, key, "a string");
  return std::string(*text);
}

RecordedTensor parse_tensor(const json::value& value, const std::string& origin) {
  const json::object* object = value.if_object();
  if (object == nullptr) malformed(origin, "tensor", "an object");
  RecordedTensor tensor{text_of(*object, "dtype", origin), {}, text_of(*object, "sha256", origin)};
  const json::array* shape = member(*object, "shape", origin).if_array();
  if (shape == nullptr) malformed(origin, "shape", "a list");
  for (const json::value& extent : *shape) {
    if (!extent.is_int64() || extent.get_int64() < 0) malformed(origin, "shape", "numbers from 0 up");
    tensor.shape.push_back(static_cast<std::size_t>(extent.get_int64()));
  }
  return tensor;
}

}  // namespace

std::string_view torch_name(DType dtype) {
  switch (dtype) {
    case DType::f64:
      return "float64";
    case DType::f32:
      return "float32";
    case DType::f16:
      return "float16";
    case DType::bf16:
      return "bfloat16";
    case DType::i64:
      return "int64";
    case DType::i32:
      return "int32";
    case DType::u8:
      return "uint8";
  }
  return "?";
}

RecordedCheckpoint parse_recorded_checkpoint(std::string_view text, const std::string& origin) {
  const json::value value = parse_json(text, origin);
  const json::object* object = value.if_object();
  if (object == nullptr) malformed(origin, "root", "an object");
  const json::object* tensors = member(*object, "tensors", origin).if_object();
  if (tensors == nullptr) malformed(origin, "tensors", "an object");
  RecordedCheckpoint checkpoint;
  checkpoint.path = text_of(*object, "path", origin);
  for (const auto& [name, tensor] : *tensors) {
    checkpoint.tensors[std::string(name)] = parse_tensor(tensor, fmt::format("{}: {}", origin, std::string_view(name)));
  }
  return checkpoint;
}

std::vector<std::string> stale_tensors(const RecordedCheckpoint& recorded, const TensorSource& source) {
  std::vector<std::string> differences;
  for (const auto& [name, expected] : recorded.tensors) {
    const auto found = source.tensors().find(name);
    if (found == source.tensors().end()) {
      differences.push_back(
          fmt::format("{}: expected {} {}, found none", name, to_string(expected.shape), expected.dtype));
    } else if (found->second.shape != expected.shape || torch_name(found->second.dtype) != expected.dtype) {
      // The same bytes can be other numbers: float16 and bfloat16, or a matrix and its transpose of another shape.
      differences.push_back(fmt::format("{}: expected {} {}, found {} {} ({})", name, to_string(expected.shape),
                                        expected.dtype, to_string(found->second.shape), torch_name(found->second.dtype),
                                        found->second.file));
    } else if (const std::string actual = sha256(found->second.bytes); actual != expected.sha256) {
      differences.push_back(fmt::format("{}: expected sha256 {:.16}..., found {:.16}... ({})", name, expected.sha256,
                                        actual, found->second.file));
    }
  }
  for (const auto& [name, tensor] : source.tensors()) {
    if (!recorded.tensors.contains(name)) {
      differences.push_back(
          fmt::format("{}: expected no such tensor, found {} ({})", name, to_string(tensor.shape), tensor.file));
    }
  }
  return differences;
}

}  // namespace assay::golden
