// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The part of HDF5 that goldens and dumps need, over the C library: every failure is an Error with the file, the
// object and the library's own reason. Not thread-safe, as the library is not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/dtype.hpp"
#include "model/shape.hpp"

namespace assay {

/// "1.10.8": of the library at run time.
[[nodiscard]] std::string hdf5_version();

/// An open HDF5 object of any kind; closes what it holds.
class Hdf5Handle {
 public:
  using Closer = int (*)(std::int64_t);

  Hdf5Handle(std::int64_t id, Closer closer) : id_(id), closer_(closer) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept;
  Hdf5Handle& operator=(Hdf5Handle&&) = delete;
  Hdf5Handle(const Hdf5Handle&) = delete;
  Hdf5Handle& operator=(const Hdf5Handle&) = delete;
  ~Hdf5Handle();

  [[nodiscard]] std::int64_t id() const { return id_; }

 private:
  std::int64_t id_;
  Closer closer_;
};

/// A file opened for reading.
class Hdf5Reader {
 public:
  /// Throws Error if the file is missing, not HDF5, or damaged.
  explicit Hdf5Reader(const std::filesystem::path& path);

  struct Dataset {
    DType dtype = DType::f32;  ///< bf16 where 16-bit integers carry logical_dtype = bfloat16
    Shape shape;
    bool chunked = false;
    bool fletcher32 = false;
  };

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] bool has(const std::string& object) const;

  [[nodiscard]] bool is_group(const std::string& object) const;

  /// From now on data without a checksum are read; a checksum that is there must still be right.
  void forgo_checksums() { wants_checksums_ = false; }

  /// The names of a group's members, in alphabetical order.
  [[nodiscard]] std::vector<std::string> children(const std::string& group) const;

  /// Nothing where the attribute is absent; Error where it has another type. Fixed and variable strings are read alike.
  [[nodiscard]] std::optional<std::string> string_attribute(const std::string& object, const std::string& name) const;
  [[nodiscard]] std::optional<std::int64_t> integer_attribute(const std::string& object, const std::string& name) const;
  [[nodiscard]] std::optional<double> float_attribute(const std::string& object, const std::string& name) const;

  /// A string as it is, an integer in decimals.
  [[nodiscard]] std::optional<std::string> attribute_text(const std::string& object, const std::string& name) const;

  [[nodiscard]] Dataset describe(const std::string& dataset) const;

  /// The values as stored, little-endian. Contiguous data are held against their sha256 attribute and chunked data
  /// against their fletcher32; a dataset with neither is refused.
  [[nodiscard]] std::vector<std::byte> read_bytes(const std::string& dataset) const;

  /// As read_bytes, for a dataset that must hold T exactly: no conversion takes place.
  template <class T>
  [[nodiscard]] std::vector<T> read(const std::string& dataset) const;

 private:
  [[nodiscard]] Hdf5Handle open_dataset(const std::string& dataset) const;
  [[nodiscard]] Dataset describe(const std::string& dataset, const Hdf5Handle& handle) const;
  [[nodiscard]] std::vector<std::byte> read_bytes(const std::string& dataset, const Hdf5Handle& handle,
                                                  const Dataset& about) const;

  std::string file_;
  Hdf5Handle handle_;
  bool wants_checksums_ = true;
};

/// A file being written, in the format of HDF5 1.10, without time stamps: the same calls write the same bytes.
class Hdf5Writer {
 public:
  /// Creates or truncates. Write to a temporary name (see atomic_file) and rename.
  explicit Hdf5Writer(const std::filesystem::path& path);

  /// Creates the group and those above it where they do not exist.
  void group(const std::string& path);

  void attribute(const std::string& object, const std::string& name, std::string_view value);
  void attribute(const std::string& object, const std::string& name, std::int64_t value);
  void float_attribute(const std::string& object, const std::string& name, double value);

  /// 512 bytes and more are chunked with shuffle, deflate and fletcher32; less is contiguous with a sha256 attribute.
  void dataset(const std::string& path, DType dtype, const Shape& shape, std::span<const std::byte> bytes);

  template <class T>
  void dataset(const std::string& path, const Shape& shape, std::span<const T> values);

  /// Flushes and closes; throws Error where the disk is full. Nothing may be written afterwards.
  void close();

 private:
  std::string file_;
  std::optional<Hdf5Handle> handle_;
};

}  // namespace assay
