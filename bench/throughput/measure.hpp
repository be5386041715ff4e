// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Checks and times workloads, and says what they took: rows, memory by phase, bytes by kind, load of the experts,
// profile.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/memory/peak.hpp"
#include "bench/profile/profile.hpp"
#include "bench/result/result.hpp"
#include "bench/throughput/check.hpp"
#include "bench/throughput/runner.hpp"
#include "bench/throughput/workload.hpp"

namespace assay::bench {

struct Measuring {
  std::vector<Workload> workloads;
  std::size_t repeat = 5;
  std::size_t check_tokens = 4;  ///< of each row, held against the references
  std::size_t threads = 1;
  std::size_t weight_bytes = 4;  ///< of an element, as the engine holds it
  bool profile = false;
  bool observe = false;  ///< also what it costs to look at every site of the largest prefill
  Roofs roofs;
  /// What the program holds beside the engine, in bytes: weights in memory, pages of mapped files.
  std::function<std::size_t()> held_beside = [] { return std::size_t{0}; };
  /// Told before each piece of work; a share of the whole and what it is.
  std::function<void(double, const std::string&)> progress = [](double, const std::string&) {};
};

/// What looking at every site costs: the same call without and with it, in turns.
struct Observing {
  Row plain;
  Row observed;
  std::size_t sites = 0;
  std::size_t elements = 0;
  double ratio = 1;  ///< of the medians
};

struct Measured {
  std::vector<Row> rows;
  std::vector<LedgerRow> ledger;  ///< of the largest prefill and of the first decode
  std::vector<ExpertLoad> experts;
  std::optional<Observing> observing;
  std::vector<std::unique_ptr<Profile>> profiles;  ///< the calls behind the ledger
};

/// Workloads take turns, so that what else happens on the machine meets all of them. `memory` gets the phases "check",
/// "prefill" and "decode".
[[nodiscard]] Measured measure(Engine& engine, const Config& config, const References& references,
                               const Measuring& wanted, PeakMeter& memory);

}  // namespace assay::bench
