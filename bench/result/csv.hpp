// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Results for spreadsheets and data frames: one line a sample.
#pragma once

#include <string>

#include "bench/result/result.hpp"

namespace assay::bench {

/// A heading, then a line for each sample and control sample: name, arm ("sample" or "control"), index, iterations,
/// seconds of one call, threads, the row's instructions and reason to be invalid. Doubles read back as they were.
/// Quoted as RFC 4180 has it; lines end with a line feed alone.
[[nodiscard]] std::string to_csv(const Result& result);

}  // namespace assay::bench
