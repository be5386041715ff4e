// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/files/safetensors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "model/error.hpp"
#include "model/files/json.hpp"

namespace assay {
namespace {

namespace json = boost::json;

constexpr std::size_t prefix_bytes = 8;
constexpr std::string_view metadata_key = "__metadata__";
constexpr std::size_t max_header_bytes = 100'000'000;  // the limit of the safetensors library

/// Where a tensor lies in the data, which follow the header.
struct Extent {
  std::string name;
  std::size_t begin_bytes = 0;
  std::size_t end_bytes = 0;
};

struct Entry {
  Extent extent;
  DType dtype = DType::f32;
  Shape shape;
};

std::size_t header_length(std::span<const std::byte> bytes, const std::string& file) {
  if (bytes.size() < prefix_bytes) {
    throw Error(fmt::format("{}: truncated: expected at least 8 bytes, found {}", file, bytes.size()));
  }
  std::uint64_t length = 0;
  for (std::size_t index = prefix_bytes; index-- > 0;)
    length = (length << 8U) | std::to_integer<std::uint64_t>(bytes[index]);
  if (length > max_header_bytes) {
    throw Error(fmt::format("{}: header length: expected at most {} bytes, found {}", file, max_header_bytes, length));
  }
  if (length > bytes.size() - prefix_bytes) {
    throw Error(fmt::format("{}: truncated: expected a header of {} bytes, found {}", file, length,
                            bytes.size() - prefix_bytes));
  }
  return static_cast<std::size_t>(length);
}

std::optional<std::size_t> extent_of(const json::value& value) {
  if (value.is_uint64()) return value.get_uint64();
  if (value.is_int64() && value.get_int64() >= 0) return static_cast<std::size_t>(value.get_int64());
  return std::nullopt;
}

std::optional<std::vector<std::size_t>> extents_of(const json::value& value) {
  const json::array* const array = value.if_array();
  if (array == nullptr) return std::nullopt;
  std::vector<std::size_t> extents;
  for (const json::value& item : *array) {
    const std::optional<std::size_t> extent = extent_of(item);
    if (!extent) return std::nullopt;
    extents.push_back(*extent);
  }
  return extents;
}

std::optional<std::size_t> stored_bytes(const Shape& shape, DType dtype) {
  std::size_t product = size_bytes(dtype);
  for (const std::size_t extent : shape) {
    if (extent != 0 && product > std::numeric_limits<std::size_t>::max() / extent) return std::nullopt;
    product *= extent;
  }
  return product;
}

const json::value& member(const json::object& object, std::string_view key, const std::string& where) {
  const json::value* const value = object.if_contains(key);
  if (value == nullptr) throw Error(fmt::format("{}: {}: expected in the header, found nothing", where, key));
  return *value;
}

[[noreturn]] void refuse(const std::string& where, std::string_view key, std::string_view expected,
                         const json::value& found) {
  throw Error(fmt::format("{}: {}: expected {}, found {}", where, key, expected, json::serialize(found)));
}

Entry read_entry(const std::string& name, const json::value& value, const std::string& file) {
  const std::string where = fmt::format("{}: {}", file, name);
  const json::object* const object = value.if_object();
  if (object == nullptr) {
    throw Error(fmt::format("{}: expected an object with dtype, shape and data_offsets, found {}", where,
                            json::serialize(value)));
  }
  for (const auto& known : *object) {
    if (known.key() != "dtype" && known.key() != "shape" && known.key() != "data_offsets") {
      throw Error(fmt::format("{}: expected dtype, shape and data_offsets only, found also {}", where,
                              std::string_view(known.key())));
    }
  }

  Entry entry;
  const json::value& dtype = member(*object, "dtype", where);
  const std::optional<DType> known = dtype.is_string() ? dtype_from_safetensors(dtype.get_string()) : std::nullopt;
  if (!known) refuse(where, "dtype", "F64, F32, F16, BF16, I64, I32 or U8", dtype);
  entry.dtype = *known;

  const json::value& shape = member(*object, "shape", where);
  const std::optional<Shape> extents = extents_of(shape);
  if (!extents) refuse(where, "shape", "a list of integers from 0", shape);
  entry.shape = *extents;

  const json::value& offsets = member(*object, "data_offsets", where);
  const std::optional<std::vector<std::size_t>> limits = extents_of(offsets);
  if (!limits || limits->size() != 2 || (*limits)[0] > (*limits)[1]) {
    refuse(where, "data_offsets", "[begin, end] with begin <= end", offsets);
  }
  entry.extent = {name, (*limits)[0], (*limits)[1]};

  const std::optional<std::size_t> needed_bytes = stored_bytes(entry.shape, entry.dtype);
  const std::size_t found_bytes = entry.extent.end_bytes - entry.extent.begin_bytes;
  if (needed_bytes != found_bytes) {
    throw Error(fmt::format("{}: data_offsets: expected {} for {} {}, found {} bytes", where,
                            needed_bytes ? fmt::format("{} bytes", *needed_bytes) : "at most 2^64 - 1 bytes",
                            to_string(entry.shape), assay::name(entry.dtype), found_bytes));
  }
  return entry;
}

/// The tensors must cover the data without overlap or hole, and no byte may be left.
void check_coverage(std::vector<Extent> extents, std::size_t data_bytes, const std::string& file) {
  std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) {
    return std::pair(a.begin_bytes, a.end_bytes) < std::pair(b.begin_bytes, b.end_bytes);
  });
  std::size_t covered_bytes = 0;
  std::string last = "the header";
  for (const Extent& extent : extents) {
    if (extent.begin_bytes != covered_bytes) {
      throw Error(fmt::format("{}: {}: {}: expected its data to begin at {}, after {}, found {}", file, extent.name,
                              extent.begin_bytes < covered_bytes ? "overlap" : "hole", covered_bytes, last,
                              extent.begin_bytes));
    }
    if (extent.end_bytes > data_bytes) {
      throw Error(fmt::format("{}: {}: truncated: expected data up to byte {}, found {} bytes of data", file,
                              extent.name, extent.end_bytes, data_bytes));
    }
    covered_bytes = extent.end_bytes;
    last = extent.name;
  }
  if (covered_bytes != data_bytes) {
    throw Error(fmt::format("{}: oversized: expected {} bytes of data, found {}", file, covered_bytes, data_bytes));
  }
}

/// An object.
json::value read_header(std::span<const std::byte> bytes, const std::string& file) {
  const std::size_t header_bytes = header_length(bytes, file);
  const auto* const text = reinterpret_cast<const char*>(bytes.data() + prefix_bytes);  // char may alias bytes
  const std::string_view header_text(text, header_bytes);
  if (!header_text.starts_with('{')) throw Error(fmt::format("{}: header: expected it to start with '{{'", file));
  json::value header = parse_json(header_text, fmt::format("{}: header", file), DuplicateKeys::refused);
  if (!header.is_object()) throw Error(fmt::format("{}: header: expected an object", file));
  return header;
}

void check_metadata(const json::value& metadata, const std::string& file) {
  const json::object* const object = metadata.if_object();
  if (object == nullptr) refuse(file, metadata_key, "an object of strings", metadata);
  for (const auto& entry : *object) {
    if (!entry.value().is_string()) {
      refuse(file, fmt::format("__metadata__.{}", std::string_view(entry.key())), "a string", entry.value());
    }
  }
}

}  // namespace

std::map<std::string, StoredTensor> read_safetensors(std::span<const std::byte> bytes, const std::string& file) {
  const json::value header = read_header(bytes, file);
  const std::span<const std::byte> data = bytes.subspan(prefix_bytes + header_length(bytes, file));

  std::map<std::string, StoredTensor> tensors;
  std::vector<Entry> read;
  std::vector<Extent> extents;
  for (const auto& member : header.get_object()) {
    if (member.key() == metadata_key) {
      check_metadata(member.value(), file);
      continue;
    }
    read.push_back(read_entry(std::string(member.key()), member.value(), file));
    extents.push_back(read.back().extent);
  }
  check_coverage(std::move(extents), data.size(), file);
  for (Entry& entry : read) {
    const std::size_t length_bytes = entry.extent.end_bytes - entry.extent.begin_bytes;
    tensors.emplace(entry.extent.name, StoredTensor{entry.dtype, std::move(entry.shape),
                                                    data.subspan(entry.extent.begin_bytes, length_bytes), file});
  }
  return tensors;
}

std::map<std::string, std::string> read_safetensors_metadata(std::span<const std::byte> bytes,
                                                             const std::string& file) {
  const json::value header = read_header(bytes, file);
  std::map<std::string, std::string> strings;
  const json::value* const metadata = header.get_object().if_contains(metadata_key);
  if (metadata == nullptr) return strings;
  check_metadata(*metadata, file);
  for (const auto& entry : metadata->get_object()) {
    strings.emplace(std::string(entry.key()), std::string(entry.value().get_string()));
  }
  return strings;
}

}  // namespace assay
