// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Pieces of HTML, and what makes text from outside harmless in them.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "golden/judge/verdict.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

/// `text` for an element or a quoted attribute; U+FFFD for control characters.
[[nodiscard]] std::string html_text(std::string_view text);

/// html_text of each line: an end of a line is a control character.
[[nodiscard]] std::string html_lines(std::string_view text);

/// JSON for the inside of a script element: nothing in it can end the element.
[[nodiscard]] std::string script_json(const boost::json::value& value);

/// A sign and the word, coloured: the three say the same.
[[nodiscard]] std::string verdict_markup(golden::Verdict verdict);

/// "holds", "noted" or "breaks": the class of elements that are coloured as the verdict.
[[nodiscard]] std::string_view tone_of(golden::Verdict verdict);

/// Names and values as a list; those without a name go on with the one above.
[[nodiscard]] std::string list_markup(const std::vector<std::pair<std::string, std::string>>& entries);

/// A heading, a sentence, and the place where the scripts draw the chart `kind` (reports/html/script). All three are
/// ours.
[[nodiscard]] std::string figure_markup(std::string_view kind, std::string_view title, std::string_view meaning);

/// The place alone.
[[nodiscard]] std::string chart_markup(std::string_view kind, std::string_view label);

/// The numbers of the charts that stand in the same element of the class "charts".
[[nodiscard]] std::string chart_data_markup(const boost::json::value& data);

/// A heading, a sentence and the table, or "" where it has no rows.
[[nodiscard]] std::string table_markup(const Table& table);

}  // namespace assay::reports
