// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Benchmarks made by hand, for the pages that show them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "bench/result/result.hpp"

namespace assay::reports::samples {

/// A run of a hybrid model of `layers` layers, whole: rows (one INVALID), ledger with errors, memory, experts, roofs.
[[nodiscard]] bench::Result whole_result(std::size_t layers);

/// `rows` plain rows and nothing else.
[[nodiscard]] bench::Result plain_result(std::size_t rows);

/// Text that would be markup, a script or a formula if it were let.
[[nodiscard]] std::string hostile_text();

/// A result in which every name is hostile_text.
[[nodiscard]] bench::Result hostile_result();

/// The page of the sample: "result", "result-large", "result-many", "result-bare", "result-empty", "result-hostile",
/// "comparison", "comparison-many", "comparison-one", "comparison-hostile", "history", "history-many", "history-one",
/// "history-empty", "history-hostile"; none for another name.
[[nodiscard]] std::optional<std::string> bench_page(std::string_view sample);

}  // namespace assay::reports::samples
