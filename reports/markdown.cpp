// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "reports/facts.hpp"
#include "reports/figures.hpp"
#include "reports/tables.hpp"
#include "reports/text.hpp"
#include "reports/triangle.hpp"

namespace assay::reports {
namespace {

using golden::CaseResult;
using golden::SiteResult;

/// A fence longer than any run of backticks in `text`.
std::string code_block(std::string_view text) {
  std::size_t longest = 2;
  std::size_t run = 0;
  for (const char character : text) {
    run = character == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  return fmt::format("{}sh\n{}\n{}\n", fence, text, fence);
}

std::string row(const CaseResult& result) {
  const SiteResult* const worst = worst_site(result);
  const std::optional<double> digits = verified_digits(result);
  const golden::NoiseRatio* const ratio = worst == nullptr ? nullptr : worst_ratio(*worst);
  const std::string figures = fmt::format(
      "{} | {} | {} | {}", digits ? digits_text(*digits) : "", markdown_text(case_headroom_text(result)),
      ratio == nullptr ? "" : ratio_text(*ratio), worst == nullptr ? "" : markdown_text(short_place_text(*worst)));
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", name(result.verdict),
                     markdown_text(case_text(result)), markdown_text(engine_text(result)), mode_text(result),
                     result.sites.size(), figures, seconds_text(result.seconds), bytes_text(result.peak_rss_bytes));
}

bool is_letter_or_digit(char character) { return std::isalnum(static_cast<unsigned char>(character)) != 0; }

/// Whether an underscore is at `at` that GitHub does not read as emphasis: names stay searchable.
bool is_inside_word(std::string_view text, std::size_t at) {
  return text[at] == '_' && at > 0 && at + 1 < text.size() && is_letter_or_digit(text[at - 1]) &&
         is_letter_or_digit(text[at + 1]);
}

constexpr std::size_t most_rows = 16;

/// The rows that need attention, folded; "" where none does.
std::string folded(const Table& table) {
  std::vector<const Table::Row*> rows;
  for (const Table::Row& row : table.rows) {
    if (row.tone != Table::Row::Tone::plain) rows.push_back(&row);
  }
  if (rows.empty()) return "";
  std::string text = fmt::format("\n<details><summary>{}: {} of {}</summary>\n\n{}\n\n|", table.title, rows.size(),
                                 count_text(table.rows.size(), "row"), markdown_text(table.meaning));
  std::string rule = "|";
  for (const Table::Column& column : table.columns) {
    text += fmt::format(" {} |", markdown_text(column.name));
    rule += column.align == Table::Column::Align::right ? "--:|" : "---|";
  }
  text += "\n" + rule + "\n";
  for (std::size_t i = 0; i < std::min(rows.size(), most_rows); ++i) {
    text += "|";
    for (const std::string& cell : rows[i]->cells) text += fmt::format(" {} |", markdown_text(cell));
    text += "\n";
  }
  if (rows.size() > most_rows) text += fmt::format("\nand {} more\n", rows.size() - most_rows);
  return text + "\n</details>\n";
}

/// Facts without a label go on with the one above.
std::string section(const CaseResult& result) {
  const std::vector<Fact> all = facts(result);
  if (all.empty()) return "";
  std::string text = fmt::format("\n### {} {} ({}, {})\n\n", name(result.verdict), markdown_text(case_text(result)),
                                 markdown_text(engine_text(result)), mode_text(result));
  for (const Fact& fact : all) {
    if (fact.label == "reproduce") {
      text += fmt::format("\nReproduce:\n\n{}", code_block(fact.text));
    } else if (fact.label.empty()) {
      text += fmt::format("  - {}\n", markdown_text(fact.text));
    } else {
      text += fmt::format("- {}: {}\n", markdown_text(fact.label), markdown_text(fact.text));
    }
  }
  for (const Table& table :
       {layer_ledger(result), routing_table(result), decision_table(result), end_to_end_table(result)}) {
    text += folded(table);
  }
  return text;
}

/// A line for each engine that fuses sites away, of all its cases together.
std::string not_provided_lines(const golden::Verification& verification) {
  std::map<std::string, std::set<Site>> by_engine;
  for (const CaseResult& result : verification.results) {
    if (result.not_provided.empty()) continue;
    by_engine[result.engine].insert(result.not_provided.begin(), result.not_provided.end());
  }
  std::string text;
  for (const auto& [engine, sites] : by_engine) {
    text += fmt::format("\n{}\n", markdown_text(not_provided_text(engine, {sites.begin(), sites.end()})));
  }
  return text;
}

/// A line for each case that does not hold all of its sites, whichever engines ran it.
std::string not_recorded_lines(const golden::Verification& verification) {
  std::set<std::string> lines;
  for (const CaseResult& result : verification.results) {
    if (result.not_recorded.empty()) continue;
    lines.insert(fmt::format("\n{}: {}\n", markdown_text(case_text(result)), markdown_text(not_recorded_text(result))));
  }
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

}  // namespace

std::string markdown_text(std::string_view text) {
  const std::string clean = printable(text);
  std::string escaped;
  for (std::size_t at = 0; at < clean.size(); ++at) {
    if (clean[at] == '<') {
      escaped += "&lt;";
    } else if (clean[at] == '&') {
      escaped += "&amp;";
    } else {
      const bool special = std::string_view("\\`*_[]|~").find(clean[at]) != std::string_view::npos;
      if (special && !is_inside_word(clean, at)) escaped += '\\';
      escaped += clean[at];
    }
  }
  return escaped;
}

std::string to_markdown(const golden::Verification& verification) {
  std::string text = fmt::format("## assay verify: {}\n\n{} ({})\n", name(verdict_of(verification)),
                                 tally(verification), seconds_text(total_seconds(verification)));
  if (verification.results.empty()) return text;
  text +=
      "\n| verdict | case | engine | mode | sites | digits | headroom | noise | worst site | time | peak memory |\n";
  text += "|---|---|---|---|--:|--:|--:|--:|---|--:|--:|\n";
  for (const CaseResult& result : verification.results) text += row(result);
  text += not_provided_lines(verification);
  text += not_recorded_lines(verification);
  text += triangle_markdown(verification.triangles);
  for (const CaseResult& result : verification.results) text += section(result);
  return text;
}

}  // namespace assay::reports
