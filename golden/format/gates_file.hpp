// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// gates.json: what each measure of the judge may be at each site of each golden, as `script/golden calibrate` derived
// it from the null distributions (golden/FORMAT.md, "Gates"). Reading it derives every gate again: one that was edited
// is refused.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "golden/format/golden_file.hpp"

namespace assay::golden {

/// What the measures may be at one site; see Measure in golden/judge/result.hpp.
struct SiteGates {
  double tensor = 0;
  double row = 0;
  double column = 0;
  double largest = 0;
  double bias = 0;
};

/// What the divergence of logits may be, as multiples of that of transformers' own runs.
struct LogitsGates {
  double mean = 0;
  double max = 0;
};

/// Of one golden and one kind of runs.
struct CaseGates {
  std::map<Site, SiteGates> sites;
  std::optional<LogitsGates> logits;
};

class GatesFile {
 public:
  /// Throws Error where the file is unreadable, of another schema, edited by hand (its own sha256, or a gate that does
  /// not follow from the null values and the formula beside it), below the spread of its null values, or above the
  /// ceiling.
  explicit GatesFile(const std::filesystem::path& path);

  /// Nothing where the file does not know the golden by `yardstick` (hf32 or hf_bf16). Throws Error where it knows
  /// another golden of that name: another null distribution.
  [[nodiscard]] std::optional<CaseGates> find(const GoldenFile& golden, Values yardstick) const;

  /// The same for the logits of the golden's generation.
  [[nodiscard]] std::optional<CaseGates> find_generation(const GoldenFile& golden) const;

  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  struct Entry {
    std::string null_sha256;
    std::map<std::string, CaseGates> by_yardstick;  // "hf32", "hf_bf16", and "generation"
  };

  [[nodiscard]] std::optional<CaseGates> find(const GoldenFile& golden, const std::string& runs) const;

  std::string file_;
  std::map<std::string, Entry> goldens_;
};

}  // namespace assay::golden
