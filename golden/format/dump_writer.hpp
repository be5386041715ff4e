// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Writes what an engine computes at every site into a file of kind dump (golden/FORMAT.md).
#pragma once

#include <filesystem>
#include <vector>

#include "golden/format/golden_file.hpp"
#include "golden/judge/result.hpp"
#include "golden/judge/selection.hpp"
#include "model/engine.hpp"
#include "model/files/hdf5.hpp"
#include "model/probe.hpp"

namespace assay::golden {

class DumpWriter : public Observer {
 public:
  /// Creates the file with the config, the provenance and the inputs of `golden`, which it borrows.
  DumpWriter(const std::filesystem::path& path, const GoldenFile& golden, const EngineRun& run, Selection selection);

  /// Records which of the golden's selected sites the engine declares not to show.
  void declare(const Engine& engine);

  /// Which behaviour the engine had of those of a PhiMoE.
  void declare(PhimoeLongrope longrope);

  void begin_call(CallIndex call) { call_ = call; }
  void observe(const ProbePoint& point, const SiteValue& value) override;

  /// Sites written so far.
  [[nodiscard]] std::size_t sites() const { return sites_; }

  /// As declared, in the order of execution.
  [[nodiscard]] const std::vector<Site>& not_provided() const { return not_provided_; }

  /// Throws Error where not everything reached the disk.
  void close() { writer_.close(); }

 private:
  void write_root(const EngineRun& run);
  void write_calls();

  const GoldenFile& golden_;
  Selection selection_;
  Hdf5Writer writer_;
  CallIndex call_;
  std::size_t sites_ = 0;
  std::vector<Site> not_provided_;
};

}  // namespace assay::golden
