// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Tables that readers sort and filter, and whose rows they open (script/rows.js).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::reports {

struct Grid {
  struct Column {
    std::string name = "";
    std::string meaning = "";  ///< a phrase, "" where the name says it
    enum class Align { left, right } align = Align::right;
  };
  struct Cell {
    std::string markup = "";
    std::optional<double> value =
        std::nullopt;  ///< what it is sorted by; none: by its text, and empty cells at the end
  };
  struct Row {
    std::vector<Cell> cells = {};     ///< one a column
    std::string_view tone = "holds";  ///< "holds", "noted", "breaks", "void"
  };

  std::string_view noun = "rows";   ///< what the rows are called where they are counted
  std::string_view hint = "";       ///< what a reader may type
  std::string_view attention = "";  ///< words beside a box that hides the rows that hold; "" for none
  std::vector<Column> columns = {};
  std::vector<Row> rows = {};
};

/// A cell of text.
[[nodiscard]] Grid::Cell text_cell(std::string_view text);

/// A cell of a number: `text` is shown.
[[nodiscard]] Grid::Cell number_cell(double value, std::string_view text);

/// A cell with a button that opens a place below the row: the scripts draw there what the data beside the grid has of
/// the row in "rows".
[[nodiscard]] Grid::Cell opening_cell(std::string_view text);

/// The field that filters, and where the rows are counted; "" for a few rows. Filter and table stand in one element of
/// the class "filtered", and with them the data that rows open to (chart_data_markup).
[[nodiscard]] std::string grid_filter(const Grid& grid);

[[nodiscard]] std::string grid_table(const Grid& grid);

}  // namespace assay::reports
