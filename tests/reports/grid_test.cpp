// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/html/grid.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/reports/text.hpp"

namespace assay::reports {
namespace {

Grid grid_of(std::size_t rows) {
  Grid grid{.noun = "rows", .hint = "row", .attention = "only some"};
  grid.columns = {{.name = "row", .align = Grid::Column::Align::left}, {"time", "of a <call>"}};
  for (std::size_t i = 0; i < rows; ++i)
    grid.rows.push_back({.cells = {opening_cell("a<b>"), number_cell(0.0123, "12.3 ms")}});
  return grid;
}

TEST(Grid, HasTheNumberThatItIsSortedByBesideTheText) {
  const std::string text = grid_table(grid_of(1));
  EXPECT_TRUE(has(text, "<td class=\"n\" data-value=\"0.0123\">12.3 ms</td>")) << text;
  EXPECT_TRUE(has(text, "<th class=\"n\" title=\"of a &lt;call&gt;\"><button type=\"button\">time</button></th>"))
      << text;
}

TEST(Grid, RowsOpenByTheirNameWhichIsEscaped) {
  EXPECT_TRUE(has(grid_table(grid_of(1)),
                  "<button type=\"button\" class=\"opener\" aria-expanded=\"false\">a&lt;b&gt;</button>"));
}

TEST(Grid, AFewRowsNeedNoFilter) {
  EXPECT_EQ(grid_filter(grid_of(5)), "");
  EXPECT_TRUE(has(grid_filter(grid_of(6)), "type=\"search\""));
  EXPECT_TRUE(has(grid_filter(grid_of(6)), "only some"));
}

TEST(Grid, ManyRowsScrollInAWindowOfTheirOwn) {
  EXPECT_TRUE(has(grid_table(grid_of(60)), "class=\"scroll\""));
  EXPECT_TRUE(has(grid_table(grid_of(61)), "class=\"scroll tall\""));
}

}  // namespace
}  // namespace assay::reports
