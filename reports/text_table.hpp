// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A Table as plain text and as Markdown.
#pragma once

#include <string>

#include "reports/console.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

/// Columns as wide as their cells, two spaces between; heading first. "" without rows.
[[nodiscard]] std::string text_table(const Table& table, Colour colour);

/// A Markdown table; "" without rows.
[[nodiscard]] std::string markdown_table(const Table& table);

}  // namespace assay::reports
