// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A file of named arrays and attributes, whichever format it has: HDF5 or safetensors. Names are paths without a
// slash in front, "calls/000/actual/logits".
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/dtype.hpp"
#include "model/shape.hpp"

namespace assay::golden {

class ArrayFile {
 public:
  struct Array {
    DType dtype = DType::f32;
    Shape shape;
  };

  virtual ~ArrayFile() = default;

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::map<std::string, Array>& arrays() const { return arrays_; }
  [[nodiscard]] bool has(const std::string& path) const { return arrays_.contains(path); }

  /// One past the largest number under "calls", whether anything is in it or not. Throws Error where one is no number
  /// of three digits.
  [[nodiscard]] virtual std::size_t calls() const = 0;

  /// The values as stored, little-endian. Throws Error on a checksum that is there and wrong.
  [[nodiscard]] virtual std::vector<std::byte> bytes(const std::string& path) const = 0;

  /// Of the root ("") or of a group; an integer in decimals. In safetensors the string "OBJECT/NAME" of __metadata__.
  [[nodiscard]] virtual std::optional<std::string> attribute(const std::string& object,
                                                             const std::string& name) const = 0;

  /// A root attribute that must be there. Throws Error.
  [[nodiscard]] std::string required(const std::string& name) const;

  /// An array of bytes at the root, or the attribute of that name; nothing where neither is there.
  [[nodiscard]] std::optional<std::string> text(const std::string& name) const;

 protected:
  explicit ArrayFile(std::string file) : file_(std::move(file)) {}

  std::string file_;
  std::map<std::string, Array> arrays_;
};

/// By the first bytes of the file. Throws Error where it cannot be read or is neither.
[[nodiscard]] std::unique_ptr<ArrayFile> open_arrays(const std::filesystem::path& path);

}  // namespace assay::golden
