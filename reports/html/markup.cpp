// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/html/markup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "reports/text.hpp"

namespace assay::reports {
namespace {

using golden::Verdict;

std::string_view sign_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "\xE2\x9C\x93";  // check mark
    case Verdict::tie:
      return "\xE2\x89\x88";  // almost equal
    case Verdict::marginal:
      return "\xE2\x96\xB3";  // triangle
    case Verdict::vacuous:
    case Verdict::missing:
    case Verdict::stale:
      return "\xE2\x97\x8B";  // circle
    case Verdict::fail:
    case Verdict::invalid:
      break;
  }
  return "\xC3\x97";  // multiplication sign
}

std::string_view tone_name(Table::Row::Tone tone) {
  switch (tone) {
    case Table::Row::Tone::plain:
      return "";
    case Table::Row::Tone::noted:
      return " class=\"noted\"";
    case Table::Row::Tone::wrong:
      break;
  }
  return " class=\"breaks\"";
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string escaped;
  for (const char character : printable(text)) {
    switch (character) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += character;
    }
  }
  return escaped;
}

std::string html_lines(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    lines += html_text(line) + "\n";
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return lines;
}

std::string script_json(const boost::json::value& value) {
  std::string escaped;
  for (const char character : boost::json::serialize(value)) {
    if (character == '<') {  // only inside strings
      escaped += "\\u003c";
    } else {
      escaped += character;
    }
  }
  return escaped;
}

std::string_view tone_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "holds";
    case Verdict::tie:
    case Verdict::marginal:
    case Verdict::vacuous:
    case Verdict::missing:
    case Verdict::stale:
      return "noted";
    case Verdict::fail:
    case Verdict::invalid:
      break;
  }
  return "breaks";
}

std::string verdict_markup(Verdict verdict) {
  return fmt::format("<span class=\"verdict {}\"><span aria-hidden=\"true\">{}</span> {}</span>", tone_of(verdict),
                     sign_of(verdict), name(verdict));
}

std::string list_markup(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string text = "<dl>\n";
  for (const auto& [name, value] : entries) {
    if (!name.empty()) text += fmt::format("<dt>{}</dt>", html_text(name));
    text += fmt::format("<dd>{}</dd>\n", html_text(value));
  }
  return text + "</dl>\n";
}

std::string chart_markup(std::string_view kind, std::string_view label) {
  return fmt::format("<div class=\"chart {0}\" data-chart=\"{0}\" role=\"img\" aria-label=\"{1}\"></div>\n", kind,
                     label);
}

std::string figure_markup(std::string_view kind, std::string_view title, std::string_view meaning) {
  return fmt::format("<h3>{}</h3>\n<p class=\"meaning\">{}</p>\n{}", title, meaning, chart_markup(kind, title));
}

std::string chart_data_markup(const boost::json::value& data) {
  return fmt::format("<script type=\"application/json\" class=\"data\">{}</script>\n", script_json(data));
}

std::string table_markup(const Table& table) {
  if (table.rows.empty()) return "";
  std::string text = fmt::format("<h3>{}</h3>\n<p class=\"meaning\">{}</p>\n<div class=\"scroll\"><table>\n<thead><tr>",
                                 html_text(table.title), html_text(table.meaning));
  const auto is_left = [&](std::size_t at) { return table.columns[at].align == Table::Column::Align::left; };
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    text += fmt::format("<th{}>{}</th>", is_left(i) ? "" : " class=\"n\"", html_text(table.columns[i].name));
  }
  text += "</tr></thead>\n<tbody>\n";
  for (const Table::Row& row : table.rows) {
    text += fmt::format("<tr{}>", tone_name(row.tone));
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      text += fmt::format("<td{}>{}</td>", is_left(i) ? "" : " class=\"n\"", html_text(row.cells[i]));
    }
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

}  // namespace assay::reports
