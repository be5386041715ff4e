// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A comparison for CI servers that read JUnit XML: one suite, one test case a row.
#pragma once

#include <string>

#include "bench/statistics/comparison.hpp"

namespace assay::reports {

/// REGRESSED is a failure, INVALID an error, INCONCLUSIVE is skipped; the others pass. Warnings are properties of the
/// suite, figures of the test case. Its time is that of one call in the new result.
[[nodiscard]] std::string comparison_junit(const bench::Comparison& comparison);

}  // namespace assay::reports
