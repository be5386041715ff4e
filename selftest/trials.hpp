// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Runs mutants against the goldens of a folder. What is healthy is run once a golden and remembered.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "golden/format/gates_file.hpp"
#include "golden/format/golden_file.hpp"
#include "golden/judge/calibration.hpp"
#include "golden/judge/gauge.hpp"
#include "selftest/broken_model.hpp"
#include "selftest/kill_matrix.hpp"

namespace assay::selftest {

class Trials {
 public:
  /// Throws Error where gates.json of the folder cannot be read.
  explicit Trials(const std::filesystem::path& folder) : folder_(folder), gates_(folder / "gates.json") {}

  /// Free, injected, and without a judge. Throws Error where the golden cannot be read, has no truth, no logits, no
  /// null distribution or no gates.
  [[nodiscard]] Trial run(const Mutant& mutant, Precision precision);

  /// Of every golden and precision that run() needed so far, free and injected.
  [[nodiscard]] std::vector<Control> controls() const;

 private:
  /// A healthy model in one precision.
  struct Healthy {
    std::vector<std::vector<double>> logits;  // of each call
    std::vector<double> limits;               // of each call: what a logit may be off
    std::vector<Control> controls;
  };
  struct Subject {
    explicit Subject(const std::filesystem::path& file) : golden(file), model(golden) {}
    golden::GoldenFile golden;
    BrokenModel model;
    std::optional<golden::Calibration> calibration;
    std::optional<golden::GaugeRecord> gauges;
    std::map<std::pair<std::size_t, std::string>, std::vector<double>> expected;  // {call, site} -> values
    std::map<Precision, Healthy> healthy;
  };

  Subject& subject(const std::string& golden);
  static const Healthy& healthy(Subject& subject, Precision precision);

  std::filesystem::path folder_;
  golden::GatesFile gates_;
  std::map<std::string, std::unique_ptr<Subject>> subjects_;
};

/// How far a self-test has come, from 0 to 1, and where it is.
using TrialProgress = std::function<void(double fraction, const std::string& mutant)>;

/// All `mutants` in all `precisions`, float32 first.
[[nodiscard]] KillMatrix kill_matrix(const std::filesystem::path& folder, const std::vector<Mutant>& mutants,
                                     const std::vector<Precision>& precisions, const TrialProgress& progress);

}  // namespace assay::selftest
