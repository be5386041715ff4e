// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Where the gates of a golden come from: --gates FILE, or gates.json in its folder.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "golden/format/gates_file.hpp"
#include "golden/judge/calibration.hpp"
#include "golden/judge/generation.hpp"
#include "golden/judge/verdict.hpp"

namespace assay {

/// The gates of a golden, or why it has none: that golden cannot be judged in float32.
struct FoundGates {
  std::optional<golden::Calibration> calibration;
  golden::Verdict verdict = golden::Verdict::pass;  ///< missing or stale where there is no calibration
  std::string reason;                               ///< one line
};

/// The same of a golden's generation.
struct FoundGenerationGates {
  std::optional<golden::GenerationCalibration> calibration;
  golden::Verdict verdict = golden::Verdict::pass;
  std::string reason;
};

class GatesFinder {
 public:
  /// `option` is the file of --gates, "" where it was not given. Throws Error where a given file cannot be read.
  explicit GatesFinder(std::string option);

  /// Gates of engines that are measured by `yardstick`: hf32, or hf_bf16.
  [[nodiscard]] FoundGates find(const golden::GoldenFile& golden, golden::Values yardstick);

  [[nodiscard]] FoundGenerationGates find(const golden::GoldenFile& golden,
                                          const golden::RecordedGeneration& generation);

 private:
  [[nodiscard]] std::string path_of(const golden::GoldenFile& golden) const;
  [[nodiscard]] const golden::GatesFile& open(const std::string& path);

  std::string option_;
  std::map<std::string, golden::GatesFile> files_;
};

}  // namespace assay
