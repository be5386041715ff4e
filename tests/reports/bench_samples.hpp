// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Results of benchmarks made by hand.
#pragma once

#include <cstddef>
#include <string>

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

}  // namespace assay::reports::samples
