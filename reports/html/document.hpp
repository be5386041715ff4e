// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What every page has in common: head, style, scripts, and where it came from.
#pragma once

#include <string>
#include <string_view>

namespace assay::reports {

/// Whether the program was built with the scripts that draw charts (script/setup puts them into .venv).
[[nodiscard]] bool can_draw_charts();

/// A whole document. `title` is text, `header` and `sections` are markup; `program` is what is known of the program, a
/// line each, and stands at the end.
[[nodiscard]] std::string html_document(std::string_view title, std::string_view header, std::string_view sections,
                                        std::string_view program);

}  // namespace assay::reports
