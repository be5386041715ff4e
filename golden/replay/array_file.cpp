// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/replay/array_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include "model/error.hpp"
#include "model/files/hdf5.hpp"
#include "model/files/mapped_file.hpp"
#include "model/files/safetensors.hpp"

namespace assay::golden {
namespace {

constexpr std::string_view calls_prefix = "calls/";

/// One past the number of a call that `name` is.
std::size_t end_of_call(const std::string& file, std::string_view name) {
  const bool digits = name.size() == 3 && std::ranges::all_of(name, [](unsigned char c) { return std::isdigit(c); });
  if (!digits) throw Error(fmt::format("{}: calls: expected numbers of three digits, found {}", file, name));
  return std::stoul(std::string(name)) + 1;
}

class Hdf5Arrays : public ArrayFile {
 public:
  explicit Hdf5Arrays(const std::filesystem::path& path) : ArrayFile(path.string()), reader_(path) {
    reader_.forgo_checksums();
    collect("");
  }

  [[nodiscard]] std::size_t calls() const override {
    std::size_t count = 0;
    if (!reader_.has("/calls")) return count;
    for (const std::string& name : reader_.children("/calls")) count = std::max(count, end_of_call(file_, name));
    return count;
  }

  [[nodiscard]] std::vector<std::byte> bytes(const std::string& path) const override {
    return reader_.read_bytes("/" + path);
  }

  [[nodiscard]] std::optional<std::string> attribute(const std::string& object,
                                                     const std::string& name) const override {
    if (!reader_.has("/" + object)) return std::nullopt;
    return reader_.attribute_text("/" + object, name);
  }

 private:
  /// The deepest path of a dump has seven names; links that lead in a circle have no end.
  void collect(const std::string& group) {
    if (std::ranges::count(group, '/') > 8) throw Error(fmt::format("{}: {}: expected no such depth", file_, group));
    for (const std::string& name : reader_.children("/" + group)) {
      const std::string path = group.empty() ? name : group + "/" + name;
      if (reader_.is_group("/" + path)) {
        collect(path);
      } else {
        const Hdf5Reader::Dataset about = reader_.describe("/" + path);
        arrays_[path] = {about.dtype, about.shape};
      }
    }
  }

  Hdf5Reader reader_;
};

class SafetensorsArrays : public ArrayFile {
 public:
  explicit SafetensorsArrays(const std::filesystem::path& path)
      : ArrayFile(path.string()),
        mapped_(path),
        tensors_(read_safetensors(mapped_.bytes(), file_)),
        metadata_(read_safetensors_metadata(mapped_.bytes(), file_)) {
    for (const auto& [name, tensor] : tensors_) arrays_[name] = {tensor.dtype, tensor.shape};
  }

  [[nodiscard]] std::size_t calls() const override {
    std::size_t count = 0;
    const auto count_in = [&](const auto& named) {
      for (const auto& [name, value] : named) {
        if (!name.starts_with(calls_prefix)) continue;
        const std::string_view rest = std::string_view(name).substr(calls_prefix.size());
        count = std::max(count, end_of_call(file_, rest.substr(0, rest.find('/'))));
      }
    };
    count_in(tensors_);
    count_in(metadata_);
    return count;
  }

  [[nodiscard]] std::vector<std::byte> bytes(const std::string& path) const override {
    const auto stored = tensors_.at(path).bytes;
    return {stored.begin(), stored.end()};
  }

  [[nodiscard]] std::optional<std::string> attribute(const std::string& object,
                                                     const std::string& name) const override {
    const auto found = metadata_.find(object.empty() ? name : object + "/" + name);
    return found == metadata_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  MappedFile mapped_;
  std::map<std::string, StoredTensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

bool is_hdf5(const std::filesystem::path& path) {
  constexpr std::array signature{std::byte{0x89}, std::byte{'H'},  std::byte{'D'},  std::byte{'F'},
                                 std::byte{'\r'}, std::byte{'\n'}, std::byte{0x1a}, std::byte{'\n'}};
  const MappedFile mapped(path);
  const auto bytes = mapped.bytes();
  return bytes.size() >= signature.size() && std::ranges::equal(bytes.first(signature.size()), signature);
}

}  // namespace

std::string ArrayFile::required(const std::string& name) const {
  const std::optional<std::string> value = attribute("", name);
  if (!value) throw Error(fmt::format("{}: attribute {}: expected a string, found none", file_, name));
  return *value;
}

std::optional<std::string> ArrayFile::text(const std::string& name) const {
  const auto array = arrays_.find(name);
  if (array == arrays_.end()) return attribute("", name);
  if (array->second.dtype != DType::u8) {
    throw Error(fmt::format("{}: {}: expected a text as u8, found {}", file_, name, assay::name(array->second.dtype)));
  }
  const std::vector<std::byte> stored = bytes(name);
  std::string text(stored.size(), '\0');
  std::ranges::transform(stored, text.begin(), [](std::byte byte) { return static_cast<char>(byte); });
  return text;
}

std::unique_ptr<ArrayFile> open_arrays(const std::filesystem::path& path) {
  if (is_hdf5(path)) return std::make_unique<Hdf5Arrays>(path);
  if (path.extension() != ".safetensors") {
    throw Error(
        fmt::format("{}: expected an HDF5 file or one named .safetensors, found something else", path.string()));
  }
  return std::make_unique<SafetensorsArrays>(path);
}

}  // namespace assay::golden
