// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// transformers, reference, optimized: which of the three agree on each golden, and what to do about it.
#pragma once

#include <boost/json/array.hpp>
#include <string>
#include <vector>

#include "golden/judge/result.hpp"
#include "reports/console.hpp"

namespace assay::reports {

/// A table after an empty line, one line a golden and below one that is not healthy where to look; at most 80 columns
/// but for long words. "" where there is nothing to show.
[[nodiscard]] std::string triangle_table(const std::vector<golden::Triangle>& triangles, Style style);

/// The same as a table of GitHub-flavoured Markdown, after an empty line.
[[nodiscard]] std::string triangle_markdown(const std::vector<golden::Triangle>& triangles);

/// An object a golden: "golden", "case", "mode", "ref_hf", "opt_hf" and "ref_opt" ("ok", "bad", or null where nothing
/// was compared), "reading", "sites" that were compared between the engines, and "first_difference" between them,
/// null without one.
[[nodiscard]] boost::json::array triangle_json(const std::vector<golden::Triangle>& triangles);

/// What a reader does about it, a line each: where the first divergence is, where the engines part.
[[nodiscard]] std::vector<std::string> triangle_hints(const golden::Triangle& triangle);

}  // namespace assay::reports
