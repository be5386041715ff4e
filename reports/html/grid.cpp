// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/html/grid.hpp"

#include <fmt/format.h>

#include "reports/html/markup.hpp"

namespace assay::reports {
namespace {

constexpr std::size_t most_without_filter = 5;
constexpr std::size_t most_in_full =
    60;  // more rows scroll in a window of their own, so that what is below can be found

std::string head_markup(const Grid& grid) {
  std::string text = "<thead><tr>";
  for (const Grid::Column& column : grid.columns) {
    const std::string title = column.meaning.empty() ? "" : fmt::format(" title=\"{}\"", html_text(column.meaning));
    text += fmt::format("<th{}{}><button type=\"button\">{}</button></th>",
                        column.align == Grid::Column::Align::left ? "" : " class=\"n\"", title, html_text(column.name));
  }
  return text + "</tr></thead>\n";
}

std::string row_markup(const Grid& grid, std::size_t number) {
  const Grid::Row& row = grid.rows[number];
  std::string text = fmt::format("<tr class=\"{0}\" data-tone=\"{0}\" data-row=\"{1}\">", row.tone, number);
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const Grid::Cell& cell = row.cells[i];
    text += grid.columns[i].align == Grid::Column::Align::left ? "<td" : "<td class=\"n\"";
    if (cell.value) text += fmt::format(" data-value=\"{:.9g}\"", *cell.value);
    text += ">" + cell.markup + "</td>";
  }
  return text + "</tr>\n";
}

}  // namespace

Grid::Cell text_cell(std::string_view text) { return {html_text(text)}; }

Grid::Cell number_cell(double value, std::string_view text) { return {html_text(text), value}; }

Grid::Cell opening_cell(std::string_view text) {
  return {fmt::format("<button type=\"button\" class=\"opener\" aria-expanded=\"false\">{}</button>", html_text(text))};
}

std::string grid_filter(const Grid& grid) {
  if (grid.rows.size() <= most_without_filter) return "";
  std::string text = fmt::format("<p class=\"filter\"><label>Filter <input type=\"search\" placeholder=\"{}\"></label>",
                                 html_text(grid.hint));
  if (!grid.attention.empty()) {
    text += fmt::format(" <label><input type=\"checkbox\"> {}</label>", html_text(grid.attention));
  }
  return text +
         fmt::format(" <span class=\"quiet\" role=\"status\" data-noun=\"{}\"></span></p>\n", html_text(grid.noun));
}

std::string grid_table(const Grid& grid) {
  const std::string_view classes = grid.rows.size() > most_in_full ? "scroll tall" : "scroll";
  std::string text = fmt::format("<div class=\"{}\"><table class=\"grid\">\n{}<tbody>\n", classes, head_markup(grid));
  for (std::size_t i = 0; i < grid.rows.size(); ++i) text += row_markup(grid, i);
  return text + "</tbody></table></div>\n";
}

}  // namespace assay::reports
