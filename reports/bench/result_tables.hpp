// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a benchmark's result has to show in rows, as text, for whichever report draws tables.
#pragma once

#include <string>
#include <vector>

#include "bench/result/result.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

/// "granite-3.0-1b-a400m, 4 layers, stored as bf16", "optimized, 2 threads, weights as f32", the roofs, the noise: a
/// line each.
[[nodiscard]] std::vector<std::string> result_facts(const bench::Result& result);

/// The throughput rows: tokens/s, spread, time of a call, its 99th percentile, share of the roof; or that they are
/// INVALID.
[[nodiscard]] Table throughput_table(const bench::Result& result);

/// Why rows are invalid, a line each.
[[nodiscard]] std::vector<std::string> invalid_lines(const bench::Result& result);

/// A row a phase: peak, at its end, explained.
[[nodiscard]] Table memory_table(const bench::Result& result);

/// "every site compared and injected: 1.06 times the time of a call (81 sites, 12.3e6 elements)"; "" where it was not
/// measured.
[[nodiscard]] std::string observing_line(const bench::Result& result);

/// "weights 1.2 GiB, cache 12 MiB, ..."
[[nodiscard]] std::string bytes_line(const bench::Result& result);

/// A row a phase and layer: tokens of the busiest and the idlest expert, and how far the load is from even.
[[nodiscard]] Table expert_table(const bench::Result& result);

/// One row a group, summed over the layers of a phase.
[[nodiscard]] Table group_table(const bench::Result& result, const std::string& phase);

/// One row a layer and group.
[[nodiscard]] Table ledger_table(const bench::Result& result, const std::string& phase);

/// "prefill" and "decode", as far as the ledger has them.
[[nodiscard]] std::vector<std::string> phases(const bench::Result& result);

}  // namespace assay::reports
