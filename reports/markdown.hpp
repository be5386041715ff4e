// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The results for the summary of a CI step: GitHub-flavoured Markdown.
#pragma once

#include <string>
#include <string_view>

#include "golden/judge/result.hpp"

namespace assay::reports {

/// A heading with the verdict, a table of the cases, and a section for each case that is not a plain PASS.
[[nodiscard]] std::string to_markdown(const golden::Verification& verification);

/// `text` so that Markdown shows it as it is, also in the cell of a table.
[[nodiscard]] std::string markdown_text(std::string_view text);

}  // namespace assay::reports
