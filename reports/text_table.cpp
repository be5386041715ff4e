// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "reports/markdown.hpp"
#include "reports/text.hpp"

namespace assay::reports {
namespace {

using Align = Table::Column::Align;
using Tone = Table::Row::Tone;

std::string padded(const std::string& cell, std::size_t width, Align align) {
  const std::string space(width - std::min(width, columns(cell)), ' ');
  return align == Align::left ? cell + space : space + cell;
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string coloured(const std::string& line, Tone tone, Colour colour) {
  if (colour == Colour::never || tone == Tone::plain) return line;
  return fmt::format("\x1b[{}m{}\x1b[0m", tone == Tone::wrong ? 31 : 33, line);
}

}  // namespace

std::string text_table(const Table& table, Colour colour) {
  if (table.rows.empty()) return "";
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    widths.push_back(columns(table.columns[i].name));
    for (const Table::Row& row : table.rows) widths[i] = std::max(widths[i], columns(row.cells[i]));
  }
  const auto line = [&](const auto& cell_of) {
    std::string text;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      text += (i == 0 ? "" : "  ") + padded(cell_of(i), widths[i], table.columns[i].align);
    }
    return trimmed(std::move(text));
  };
  std::string text = line([&](std::size_t i) { return std::string(table.columns[i].name); }) + "\n";
  for (const Table::Row& row : table.rows) {
    text += coloured(line([&](std::size_t i) { return row.cells[i]; }), row.tone, colour) + "\n";
  }
  return text;
}

std::string markdown_table(const Table& table) {
  if (table.rows.empty()) return "";
  std::string text = "|";
  std::string rule = "|";
  for (const Table::Column& column : table.columns) {
    text += fmt::format(" {} |", markdown_text(column.name));
    rule += column.align == Align::right ? "--:|" : "---|";
  }
  text += "\n" + rule + "\n";
  for (const Table::Row& row : table.rows) {
    text += "|";
    for (const std::string& cell : row.cells) text += fmt::format(" {} |", markdown_text(cell));
    text += "\n";
  }
  return text;
}

}  // namespace assay::reports
