// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The reference engine on the model of a golden, after something was done to the model.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "golden/format/golden_file.hpp"
#include "golden/judge/calibration.hpp"
#include "golden/judge/examination.hpp"
#include "golden/judge/gauge.hpp"
#include "model/config/manifest.hpp"
#include "selftest/meddled_engine.hpp"

namespace assay::selftest {

class BrokenModel {
 public:
  /// The model as it is. Borrows the golden. A copy has changes of its own.
  explicit BrokenModel(const golden::GoldenFile& golden);

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
  [[nodiscard]] std::map<std::string, std::vector<double>>& weights() { return values_; }
  [[nodiscard]] const Shape& shape(const std::string& name) const { return shapes_.at(name); }

  /// The root mean square error of transformers' own float32 run at a site of the golden, which has a truth.
  [[nodiscard]] double noise(const Moment& where) const;

  Meddling meddling;

  /// What float32 is judged by; borrowed. Without one it is judged as SiteLimits says.
  const golden::Calibration* calibration = nullptr;

  /// What rounding may do to each element of a float32 site in an injected run; borrowed. Without it nobody asks.
  const golden::GaugeRecord* gauges = nullptr;

  /// Of the model as it is now; the golden has a truth.
  [[nodiscard]] golden::GaugeRecord measured_gauges() const;

  [[nodiscard]] golden::CaseResult judged(Precision precision, golden::Mode mode = golden::Mode::free,
                                          golden::JudgeListener* listener = nullptr) const;

  /// What each call returns when nobody judges: the logits of a language model.
  [[nodiscard]] std::vector<std::vector<double>> outputs(Precision precision) const;

 private:
  [[nodiscard]] Weights stored() const;

  const golden::GoldenFile& golden_;
  Config config_;
  std::map<std::string, std::vector<double>> values_;
  std::map<std::string, Shape> shapes_;
};

}  // namespace assay::selftest
