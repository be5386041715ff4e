// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "reports/bench/html.hpp"
#include "reports/bench/pages/parts.hpp"
#include "reports/bench/pages/ratios_section.hpp"
#include "reports/bench/quantities.hpp"
#include "reports/figures.hpp"
#include "reports/html/document.hpp"
#include "reports/html/markup.hpp"
#include "reports/tables.hpp"
#include "reports/text.hpp"

namespace assay::reports {
namespace {

using bench::Comparison;
using bench::Result;
using bench::RowComparison;
using bench::Side;
using bench::Verdict;

constexpr std::size_t most_headlines = 5;

/// "12 rows: 1 REGRESSED, 11 SAME"
std::string tally(const Comparison& comparison) {
  std::string text = count_text(comparison.rows.size(), "row");
  char before = ':';
  for (const Verdict verdict : {Verdict::regressed, Verdict::invalid, Verdict::inconclusive, Verdict::improved,
                                Verdict::same, Verdict::same_code}) {
    const auto count = std::ranges::count(comparison.rows, verdict, &RowComparison::verdict);
    if (count == 0) continue;
    text += fmt::format("{} {} {}", before, count, name(verdict));
    before = ',';
  }
  return text;
}

/// The largest regressions, each with its reason.
std::string headlines(const Comparison& comparison) {
  std::vector<const RowComparison*> rows;
  for (const RowComparison& row : comparison.rows) {
    if (row.verdict == Verdict::regressed) rows.push_back(&row);
  }
  std::ranges::stable_sort(rows, [](const auto* a, const auto* b) { return a->ratio.median > b->ratio.median; });
  if (rows.empty()) return "";
  std::string text = "<ul class=\"headlines\">\n";
  for (std::size_t i = 0; i < std::min(rows.size(), most_headlines); ++i) {
    text += fmt::format("<li><b>{}</b> {}</li>\n", html_text(rows[i]->name), html_text(rows[i]->reason));
  }
  if (rows.size() > most_headlines) text += fmt::format("<li>and {} more</li>\n", rows.size() - most_headlines);
  return text + "</ul>\n";
}

std::string side_text(const Side& side, const Result& result) {
  std::string text = side.file;
  const std::string origin = origin_text(result);
  if (!origin.empty()) text += (text.empty() ? "" : ": ") + origin;
  return text;
}

std::string header_markup(const Comparison& comparison, const Result& base, const Result& fresh) {
  std::string text = fmt::format("<header>\n<h1>{}</h1>\n<p class=\"tally\">{}</p>\n",
                                 verdict_markup(verdict_of(comparison)), html_text(tally(comparison)));
  text += headlines(comparison);
  const std::string settings = settings_text(base.settings);
  text += fmt::format("<p class=\"quiet\">{}</p>\n",
                      html_text(subject_text(base) + (settings.empty() ? "" : ": " + settings)));
  text += list_markup({{"base", side_text(comparison.base, base)}, {"new", side_text(comparison.fresh, fresh)}});
  return text + "</header>\n" + warnings_markup(comparison.warnings);
}

/// A row a key of either; those that differ stand out.
void add_both(Table& table, const std::map<std::string, std::string>& base,
              const std::map<std::string, std::string>& fresh) {
  std::map<std::string, std::array<std::string, 2>> both;
  for (const auto& [key, value] : base) both[key][0] = printable(value);
  for (const auto& [key, value] : fresh) both[key][1] = printable(value);
  for (const auto& [key, values] : both) {
    table.rows.push_back({{printable(key), values[0], values[1]},
                          values[0] == values[1] ? Table::Row::Tone::plain : Table::Row::Tone::noted});
  }
}

Table two_sides(std::string_view title, std::string_view meaning) {
  using Align = Table::Column::Align;
  return {title, meaning, {{"", Align::left}, {"base", Align::left}, {"new", Align::left}}, {}};
}

Table noise_table(const bench::Noise& base, const bench::Noise& fresh) {
  Table table = two_sides("Who else wanted the machine", "While each of the two was measured.");
  if (!(base.seconds > 0) && !(fresh.seconds > 0)) return table;
  const auto add = [&](std::string label, std::string of_base, std::string of_fresh) {
    table.rows.push_back({{std::move(label), base.seconds > 0 ? std::move(of_base) : "not watched",
                           fresh.seconds > 0 ? std::move(of_fresh) : "not watched"}});
  };
  add("run", seconds_text(base.seconds), seconds_text(fresh.seconds));
  add("taken from the cores by the host", duration_text(base.steal_seconds), duration_text(fresh.steal_seconds));
  add("somebody waited for a core", percent_text(base.pressure_share), percent_text(fresh.pressure_share));
  add("involuntary switches", fmt::to_string(base.involuntary_switches), fmt::to_string(fresh.involuntary_switches));
  add("page faults from disk", fmt::to_string(base.major_faults), fmt::to_string(fresh.major_faults));
  return table;
}

std::string conditions_section(const Result& base, const Result& fresh) {
  Table machine = two_sides("Machine", "What is not the same on both sides is marked.");
  add_both(machine, base.machine, fresh.machine);
  Table settings = two_sides("Settings", "");
  add_both(settings, base.settings, fresh.settings);
  return section_markup(
      "conditions", "", "What was compared", "",
      table_markup(machine) + table_markup(settings) + table_markup(noise_table(base.noise, fresh.noise)));
}

}  // namespace

std::string comparison_page(const Comparison& comparison, const Result& base, const Result& fresh,
                            std::string_view program) {
  return html_document(fmt::format("{}: {}", name(verdict_of(comparison)), tally(comparison)),
                       header_markup(comparison, base, fresh),
                       ratios_section(comparison, base, fresh) + conditions_section(base, fresh), program);
}

}  // namespace assay::reports
