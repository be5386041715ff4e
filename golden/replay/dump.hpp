// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Recorded values of some engine, in HDF5 or safetensors (golden/FORMAT.md, Writing a dump). Unlike a GoldenFile it
// holds what it holds, in any type, and says nothing of what a model must have: that comes from what it is held
// against.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "golden/format/golden_file.hpp"
#include "golden/judge/result.hpp"
#include "golden/replay/array_file.hpp"
#include "model/ids.hpp"
#include "model/probe.hpp"

namespace assay::golden {

class Dump {
 public:
  /// Throws Error where the file cannot be read, is no dump, or is of a precision that cannot be judged.
  explicit Dump(const std::filesystem::path& path);

  [[nodiscard]] const std::string& file() const { return arrays_->file(); }
  [[nodiscard]] const ArrayFile& arrays() const { return *arrays_; }
  /// As its attributes engine, precision, threads and engine_weights say.
  [[nodiscard]] const EngineRun& run() const { return run_; }

  /// Throws one Error that lists all that is neither a site, nor an input, nor a text of a dump, with the nearest
  /// name, and all sites of another shape or type than those of `expected`. Returns the sites that `expected` does
  /// not plan.
  [[nodiscard]] std::vector<Site> check(const GoldenFile& expected) const;

  [[nodiscard]] bool holds(CallIndex call, const ProbePoint& point) const;
  /// Whether a value can be judged: those of a token's experts only where the dump says which they are.
  [[nodiscard]] bool shows(CallIndex call, const ProbePoint& point) const;

  /// A floating-point site, widened, NaN and infinity included.
  [[nodiscard]] std::vector<double> values(CallIndex call, const ProbePoint& point) const;
  /// A routing or mask site, whatever the numbers.
  [[nodiscard]] std::vector<std::int64_t> integers(CallIndex call, const ProbePoint& point) const;

 private:
  std::unique_ptr<ArrayFile> arrays_;
  EngineRun run_;
};

}  // namespace assay::golden
