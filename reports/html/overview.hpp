// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a page says of all cases together.
#pragma once

#include <string>
#include <vector>

#include "golden/judge/result.hpp"

namespace assay::reports {

/// The verdict, how many cases have which, time and memory.
[[nodiscard]] std::string overview_header(const golden::Verification& verification);

/// transformers, reference and optimized as a drawing, and a table of the goldens on which they do not all agree.
[[nodiscard]] std::string triangle_section(const std::vector<golden::Triangle>& triangles);

/// A row a case, with a link to its section, and a field that filters them; nothing for one case.
[[nodiscard]] std::string case_overview(const std::vector<golden::CaseResult>& results);

}  // namespace assay::reports
