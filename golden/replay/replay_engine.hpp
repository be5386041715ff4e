// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// An engine that computes nothing: it shows what a dump recorded, so that the judge of engines judges it. What it is
// given instead it cannot go on with.
#pragma once

#include <cstddef>
#include <string_view>

#include "golden/format/golden_file.hpp"
#include "golden/replay/dump.hpp"
#include "model/engine.hpp"

namespace assay::golden {

class ReplayEngine : public Engine {
 public:
  /// Shows the sites that `expected` plans and `dump` shows, in the order of the plan. Borrows both;
  /// dump.check(expected) has found nothing wrong.
  ReplayEngine(const GoldenFile& expected, const Dump& dump) : expected_(expected), dump_(dump) {}

  [[nodiscard]] std::string_view engine_name() const override { return dump_.run().engine; }
  [[nodiscard]] Precision precision() const override { return dump_.run().precision; }
  void reset() override { next_ = 0; }

  /// The next call of the dump, whatever it is given. Returns no logits.
  SiteValue forward(const Call& call, const Probe& probe) override;

 private:
  const GoldenFile& expected_;
  const Dump& dump_;
  std::size_t next_ = 0;
};

}  // namespace assay::golden
