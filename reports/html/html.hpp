// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The results as one page for a browser: everything is in the file, nothing is fetched.
#pragma once

#include <string>
#include <string_view>

#include "golden/judge/result.hpp"
#include "reports/html/document.hpp"  // can_draw_charts

namespace assay::reports {

/// The verdict, the triangle, a table of the cases, and a section for each: facts, charts, tables, provenance. Charts
/// are drawn when a section is opened. `program` is what is known of the program, a line each. Whatever came from files
/// is escaped.
[[nodiscard]] std::string to_html(const golden::Verification& verification, std::string_view program);

}  // namespace assay::reports
