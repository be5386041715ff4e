// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A dump in memory, as somebody else's engine might have written it: to be changed in one place and written in either
// format.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "golden/format/golden_file.hpp"
#include "model/dtype.hpp"
#include "model/engine.hpp"
#include "model/shape.hpp"
#include "model/site_plan.hpp"

namespace assay::test {

struct RecordedArray {
  DType dtype = DType::f32;
  Shape shape;
  std::string bytes;
};

/// "calls/000/actual/layers/001/q_proj"
[[nodiscard]] std::string recorded_path(std::size_t call, const ProbePoint& point);

class RecordedDump {
 public:
  /// What an engine would record that computes just what the golden holds: in float64 its truth, in float32
  /// transformers' own float32 values; with the inputs, and the attributes of the calls.
  RecordedDump(const golden::GoldenFile& golden, Precision precision);

  std::map<std::string, std::string> attributes;  ///< of the root by name, of a call as "calls/000/use_cache"
  std::map<std::string, RecordedArray> arrays;    ///< by path, without a slash in front

  void set(const std::string& path, const Shape& shape, const std::vector<double>& values);
  void set(const std::string& path, const Shape& shape, const std::vector<float>& values);
  void set(const std::string& path, const Shape& shape, const std::vector<std::int64_t>& values);
  void set(const std::string& path, const Shape& shape, const std::vector<std::int32_t>& values);

  /// The numbers of a float64 or float32 array.
  [[nodiscard]] std::vector<double> numbers(const std::string& path) const;
  /// One of them becomes `value`.
  void set_number(const std::string& path, std::size_t index, double value);

  /// Removes the arrays whose path contains `part`; returns how many.
  std::size_t remove(const std::string& part);

  /// By the extension: .h5 or .safetensors.
  void write(const std::filesystem::path& path) const;
};

}  // namespace assay::test
