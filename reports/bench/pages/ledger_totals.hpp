// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The ledger without its layers.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/result/result.hpp"
#include "bench/result/roofline.hpp"

namespace assay::reports {

/// A group of sites over all layers, in one phase.
struct GroupTotal {
  std::string phase;
  std::string group;
  std::size_t places = 0;  ///< rows of the ledger
  bench::Work work;
  double share = 0;             ///< of the seconds of the phase
  std::optional<double> error;  ///< the largest
  std::optional<double> used;   ///< the largest
};

/// The seconds of each phase.
[[nodiscard]] std::map<std::string, double> phase_seconds(const std::vector<bench::LedgerRow>& ledger);

/// The phases in the order in which the ledger has them.
[[nodiscard]] std::vector<std::string> phases_of(const std::vector<bench::LedgerRow>& ledger);

/// By phase, in the order of phases_of; in a phase those that took longest first.
[[nodiscard]] std::vector<GroupTotal> group_totals(const std::vector<bench::LedgerRow>& ledger);

/// The work of a row of the ledger.
[[nodiscard]] inline bench::Work work_of(const bench::LedgerRow& row) { return {row.flops, row.bytes, row.seconds}; }

}  // namespace assay::reports
