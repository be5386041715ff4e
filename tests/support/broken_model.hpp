// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The reference engine on the model of a golden, after something was done to the model.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "golden/format/golden_file.hpp"
#include "tests/support/engine_doubles.hpp"

namespace assay::test {

class BrokenModel {
 public:
  /// The model as it is. Borrows the golden.
  explicit BrokenModel(const golden::GoldenFile& golden);
  BrokenModel(const BrokenModel&) = delete;
  BrokenModel& operator=(const BrokenModel&) = delete;

  /// The config as one architecture; std::bad_variant_access if it is another.
  template <class T>
  [[nodiscard]] T& config() {
    return std::get<T>(config_);
  }
  /// What every Granite model has, whichever it is.
  [[nodiscard]] GraniteMoeConfig& granite();
  [[nodiscard]] TransformerConfig& common_config();

  /// The values of a tensor, to be changed; the name must be one of the manifest.
  [[nodiscard]] std::vector<double>& weight(const std::string& name);
  [[nodiscard]] const Shape& shape(const std::string& name) const { return shapes_.at(name); }

  Meddling meddling;
  MeddledEngine::CallChange call_change;

  [[nodiscard]] golden::CaseResult judged(Precision precision, golden::Mode mode = golden::Mode::free);

 private:
  const golden::GoldenFile& golden_;
  Config config_;
  std::map<std::string, std::vector<double>> values_;
  std::map<std::string, Shape> shapes_;
};

}  // namespace assay::test
