// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/recorded_dump.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <span>
#include <stdexcept>

#include "golden/format/schema.hpp"
#include "golden/format/weights_hash.hpp"
#include "model/files/atomic_file.hpp"
#include "model/files/hdf5.hpp"
#include "tests/support/safetensors_file.hpp"

namespace assay::test {
namespace {

using golden::GoldenFile;
using golden::Values;

constexpr std::array<const char*, 9> call_attributes{
    "continues",          "use_cache",    "logits_to_keep", "output_hidden_states", "output_attentions",
    "num_items_in_batch", "max_length_q", "max_length_k",   "output_router_logits"};

template <class T>
RecordedArray array_of(DType dtype, const Shape& shape, const std::vector<T>& values) {
  RecordedArray array{dtype, shape, std::string(values.size() * sizeof(T), '\0')};
  if (!values.empty()) std::memcpy(array.bytes.data(), values.data(), array.bytes.size());
  return array;
}

void add_inputs(const Hdf5Reader& reader, const std::string& group, RecordedDump& dump) {
  for (const std::string& name : reader.children("/" + group)) {
    const std::string path = group + "/" + name;
    if (reader.is_group("/" + path)) {
      add_inputs(reader, path, dump);
      continue;
    }
    const std::vector<std::byte> bytes = reader.read_bytes("/" + path);
    const Hdf5Reader::Dataset about = reader.describe("/" + path);
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    dump.arrays[path] = {about.dtype, about.shape, text};
  }
}

void write_hdf5(const RecordedDump& dump, const std::filesystem::path& path) {
  Hdf5Writer writer(path);
  for (const auto& [name, array] : dump.arrays) {
    writer.dataset("/" + name, array.dtype, array.shape, as_bytes(array.bytes));
  }
  for (const auto& [name, value] : dump.attributes) {
    const std::size_t slash = name.rfind('/');
    if (slash == std::string::npos) {
      writer.attribute("/", name, value);
    } else {
      writer.group("/" + name.substr(0, slash));
      writer.attribute("/" + name.substr(0, slash), name.substr(slash + 1), std::int64_t{std::stoll(value)});
    }
  }
  writer.close();
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

void write_safetensors(const RecordedDump& dump, const std::filesystem::path& path) {
  std::string metadata;
  for (const auto& [name, value] : dump.attributes) {
    metadata += fmt::format(R"({}"{}":"{}")", metadata.empty() ? "" : ",", name, value);
  }
  std::string header = fmt::format(R"({{"__metadata__":{{{}}})", metadata);
  std::string data;
  for (const auto& [name, array] : dump.arrays) {
    header += fmt::format(R"(,"{}":{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})", name,
                          upper(assay::name(array.dtype)), to_string(array.shape), data.size(),
                          data.size() + array.bytes.size());
    data += array.bytes;
  }
  write_text_file(path, safetensors(header + "}", data));
}

}  // namespace

std::string recorded_path(std::size_t call, const ProbePoint& point) {
  return golden::site_path(CallIndex{call}, golden::name(Values::actual), point).substr(1);
}

RecordedDump::RecordedDump(const GoldenFile& golden, Precision precision) {
  attributes = {{"schema", "assay.golden"},
                {"schema_version", "1.2"},
                {"kind", "dump"},
                {"case", golden.case_name()},
                {"model_type", std::string(model_type(golden.config()))},
                {"engine", "somebody"},
                {"precision", std::string(name(precision))},
                {"weights_sha256", golden::weights_sha256(golden).value()}};
  const Values which = precision == Precision::f64 ? Values::truth : Values::hf32;
  for (std::size_t call = 0; call < golden.calls().size(); ++call) {
    const std::string group = golden::call_path(CallIndex{call}).substr(1);
    for (const char* attribute : call_attributes) {
      const auto value = golden.reader().integer_attribute("/" + group, attribute);
      if (value) attributes[group + "/" + attribute] = fmt::to_string(*value);
    }
    add_inputs(golden.reader(), group + "/inputs", *this);
    for (const PlannedSite& site : golden.calls()[call].sites) {
      const std::string path = recorded_path(call, site.point);
      const SiteKind kind = info(site.point.site).kind;
      if (!golden.records(site.point.site)) continue;
      if (kind == SiteKind::routing || kind == SiteKind::mask) {
        set(path, site.shape, golden.integers(CallIndex{call}, which, site.point));
        continue;
      }
      const std::vector<double> values = golden.values(CallIndex{call}, which, site.point);
      if (precision == Precision::f64) {
        set(path, site.shape, values);
      } else {
        set(path, site.shape, std::vector<float>(values.begin(), values.end()));
      }
    }
  }
}

void RecordedDump::set(const std::string& path, const Shape& shape, const std::vector<double>& values) {
  arrays[path] = array_of(DType::f64, shape, values);
}

void RecordedDump::set(const std::string& path, const Shape& shape, const std::vector<float>& values) {
  arrays[path] = array_of(DType::f32, shape, values);
}

void RecordedDump::set(const std::string& path, const Shape& shape, const std::vector<std::int64_t>& values) {
  arrays[path] = array_of(DType::i64, shape, values);
}

void RecordedDump::set(const std::string& path, const Shape& shape, const std::vector<std::int32_t>& values) {
  arrays[path] = array_of(DType::i32, shape, values);
}

std::vector<double> RecordedDump::numbers(const std::string& path) const {
  const RecordedArray& array = arrays.at(path);
  std::vector<double> values(elements(array.shape));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (array.dtype == DType::f64) {
      std::memcpy(&values[i], array.bytes.data() + i * sizeof(double), sizeof(double));
    } else if (array.dtype == DType::f32) {
      float narrow = 0.0F;
      std::memcpy(&narrow, array.bytes.data() + i * sizeof(float), sizeof(float));
      values[i] = narrow;
    } else {
      throw std::logic_error(path + " holds no floating-point numbers");
    }
  }
  return values;
}

void RecordedDump::set_number(const std::string& path, std::size_t index, double value) {
  std::vector<double> values = numbers(path);
  values.at(index) = value;
  const RecordedArray array = arrays.at(path);
  if (array.dtype == DType::f64) return set(path, array.shape, values);
  set(path, array.shape, std::vector<float>(values.begin(), values.end()));
}

std::size_t RecordedDump::remove(const std::string& part) {
  return std::erase_if(arrays, [&](const auto& entry) { return entry.first.find(part) != std::string::npos; });
}

void RecordedDump::write(const std::filesystem::path& path) const {
  if (path.extension() == ".safetensors") return write_safetensors(*this, path);
  write_hdf5(*this, path);
}

}  // namespace assay::test
