// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A comparison for the summary of a CI step: GitHub-flavoured Markdown.
#pragma once

#include <string>

#include "bench/statistics/comparison.hpp"

namespace assay::reports {

/// A heading with the verdict, what was compared, warnings, a table of all rows, and a reason for each that is not
/// plainly the same.
[[nodiscard]] std::string comparison_markdown(const bench::Comparison& comparison);

}  // namespace assay::reports
