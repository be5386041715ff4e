// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The files that are part of every page, as the build put them into the program.
#pragma once

#include <string_view>

namespace assay::reports {

[[nodiscard]] std::string_view page_style();

/// Ours, one behind the other (reports/html/script).
[[nodiscard]] std::string_view page_script();

/// Vega, Vega-Lite and Vega-Embed; empty where the program was built without.
[[nodiscard]] std::string_view chart_script();

}  // namespace assay::reports
