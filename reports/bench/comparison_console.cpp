// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/bench/comparison_console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "reports/bench/comparison_facts.hpp"
#include "reports/bench/quantities.hpp"
#include "reports/figures.hpp"
#include "reports/terminal.hpp"
#include "reports/text.hpp"

namespace assay::reports {
namespace {

using bench::Comparison;
using bench::RowComparison;
using bench::Verdict;

constexpr std::size_t verdict_width = 12;
constexpr std::size_t name_width = 27;
constexpr std::size_t indent = 4;
std::string_view colour_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::same:
    case Verdict::same_code:
    case Verdict::improved:
      return "32";
    case Verdict::inconclusive:
      return "33";
    case Verdict::regressed:
    case Verdict::invalid:
      return "1;31";
  }
  return "0";
}

std::string verdict_column(Verdict verdict, Style style) {
  return paint(fmt::format("{:<{}}", bench::name(verdict), verdict_width), colour_of(verdict), style.colour);
}

/// "LEAD text", broken at spaces; what follows stands below the text.
std::string hanging(const std::string& lead, const std::string& text) {
  std::string out;
  std::string front = lead;
  for (const std::string& line : wrap(text, terminal_width - lead.size())) {
    out += front + line + "\n";
    front.assign(lead.size(), ' ');
  }
  return out;
}

/// The figures of a long name have a line to themselves.
std::string row_line(const RowComparison& row, Style style) {
  const std::string name = printable(row.name);
  std::string line = fmt::format("{} {}", verdict_column(row.verdict, style), name);
  if (!has_figures(row)) return line + "\n";
  const bool fits = columns(name) <= name_width;
  line += fits ? std::string(name_width - columns(name), ' ') : "\n" + std::string(verdict_width + 1 + name_width, ' ');
  line += fmt::format(" {:>7} {:>7} {:>6} {:>16}", duration_text(row.base_seconds), duration_text(row.new_seconds),
                      change_text(row.ratio.median), interval_text(row));
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string row_lines(const RowComparison& row, Style style) {
  std::string text = row_line(row, style);
  if (is_notable(row)) text += hanging(std::string(indent, ' '), reason_text(row));
  return text;
}

}  // namespace

std::string comparison_console(const Comparison& comparison, Style style) {
  std::string text = hanging("base: ", side_text(comparison.base)) + hanging("new:  ", side_text(comparison.fresh));
  text += hanging("", sampling_text(comparison));
  for (const std::string& warning : comparison.warnings) text += hanging("warning: ", printable(warning));
  text += "\n" +
          paint(fmt::format("{:<{}} {:<{}} {:>7} {:>7} {:>6} {:>16}", "verdict", verdict_width, "benchmark", name_width,
                            "base", "new", "change", "95% interval"),
                bold, style.colour) +
          "\n";
  for (const RowComparison& row : comparison.rows) text += row_lines(row, style);
  const std::string lead(verdict_width + 1, ' ');
  text += "\n" + verdict_column(verdict_of(comparison), style) + hanging(lead, tally(comparison)).substr(verdict_width);
  return text;
}

}  // namespace assay::reports
