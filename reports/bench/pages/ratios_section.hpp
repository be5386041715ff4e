// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The rows of a comparison.
#pragma once

#include <string>

#include "bench/result/result.hpp"
#include "bench/statistics/comparison.hpp"

namespace assay::reports {

/// A plot of the ratios with their intervals, floors and controls, and a table; a row opens to its samples. Those that
/// need attention come first.
[[nodiscard]] std::string ratios_section(const bench::Comparison& comparison, const bench::Result& base,
                                         const bench::Result& fresh);

}  // namespace assay::reports
