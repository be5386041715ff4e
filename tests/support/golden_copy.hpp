// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A committed golden in a folder of its own, to be changed in one place: everything else stays as it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/dtype.hpp"
#include "model/shape.hpp"
#include "tests/support/temporary_folder.hpp"

namespace assay::test {

/// "phimoe_bias" -> the path of golden/data/phimoe_bias.h5.
[[nodiscard]] std::filesystem::path committed_golden(std::string_view case_name);

/// The path of their gates.
[[nodiscard]] std::filesystem::path committed_gates();

/// The names of the committed goldens that hold calls, in alphabetical order, and of those that hold a generation.
[[nodiscard]] std::vector<std::string> committed_cases();
[[nodiscard]] std::vector<std::string> committed_generations();

class GoldenCopy {
 public:
  explicit GoldenCopy(std::string_view case_name);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string file() const { return path_.string(); }
  [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }

  void remove(const std::string& object);
  /// As a golden made with --no-truth: the margins move beside the float32 values.
  void remove_truth();
  void move(const std::string& from, const std::string& to);
  void duplicate(const std::string& from, const std::string& to);
  void remove_attribute(const std::string& object, const std::string& name);

  /// Writes or replaces.
  void attribute(const std::string& object, const std::string& name, std::string_view value);
  void attribute(const std::string& object, const std::string& name, std::int64_t value);
  void float_attribute(const std::string& object, const std::string& name, double value);

  /// Makes a group, and those above it.
  void group(const std::string& path);

  /// Writes or replaces, with the checksum that the format asks for.
  void dataset(const std::string& path, DType dtype, const Shape& shape, std::span<const std::byte> bytes);
  void text(const std::string& path, std::string_view text);
  /// As dataset(), with the bytes of these values.
  void numbers(const std::string& path, const Shape& shape, const std::vector<std::int64_t>& values) {
    dataset(path, DType::i64, shape, std::as_bytes(std::span(values)));
  }
  void numbers(const std::string& path, const Shape& shape, const std::vector<float>& values) {
    dataset(path, DType::f32, shape, std::as_bytes(std::span(values)));
  }

  enum class Layout { contiguous, chunked };
  /// Writes or replaces, without any checksum.
  void unchecked_dataset(const std::string& path, DType dtype, const Shape& shape, std::span<const std::byte> bytes,
                         Layout layout);
  /// A chunked dataset with fletcher32 whose chunks were never written.
  void unwritten_dataset(const std::string& path, DType dtype, const Shape& shape);

  /// Writes small numbers for every site that the calls have by now and the file does not hold: enough to be read,
  /// though no model computes them. The calls must be good ones, and experts at least seven.
  void add_missing_sites();

  [[nodiscard]] std::string text(const std::string& path) const;

  /// Reads a dataset, lets `change` have its values, and puts them back under a right checksum.
  template <class T>
  void edit(const std::string& path, const std::function<void(std::vector<T>&)>& change);

  /// In the text of /config, `from` (which must be there once) becomes `to`.
  void edit_config(std::string_view from, std::string_view to);

 private:
  TemporaryFolder folder_;
  std::filesystem::path path_;
};

}  // namespace assay::test
