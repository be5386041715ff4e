// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/bench/pages/ratios_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "reports/bench/pages/parts.hpp"
#include "reports/bench/quantities.hpp"
#include "reports/html/grid.hpp"
#include "reports/html/markup.hpp"
#include "reports/json_values.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;
using bench::Comparison;
using bench::Ratio;
using bench::Result;
using bench::RowComparison;
using bench::Verdict;
using Align = Grid::Column::Align;

int urgency(Verdict verdict) {
  switch (verdict) {
    case Verdict::regressed:
      return 0;
    case Verdict::invalid:
      return 1;
    case Verdict::inconclusive:
      return 2;
    case Verdict::improved:
      return 3;
    case Verdict::same:
      return 4;
    case Verdict::same_code:
      break;
  }
  return 5;
}

std::vector<const RowComparison*> most_urgent_first(const Comparison& comparison) {
  std::vector<const RowComparison*> rows;
  for (const RowComparison& row : comparison.rows) rows.push_back(&row);
  std::ranges::stable_sort(rows,
                           [](const auto* a, const auto* b) { return urgency(a->verdict) < urgency(b->verdict); });
  return rows;
}

/// Whether times were held against each other at all.
bool has_ratio(const RowComparison& row) { return row.pairs > 0 && row.base_seconds > 0 && row.new_seconds > 0; }

std::string interval_text(const Ratio& ratio) {
  return fmt::format("{} to {}", change_text(ratio.low), change_text(ratio.high));
}

std::string pairs_text(const RowComparison& row) {
  if (row.pairs == 0) return "none";
  return row.paired ? fmt::format("{} pairs, taken in turns", row.pairs)
                    : fmt::format("{} an arm, not paired", row.pairs);
}

Grid grid_of(const std::vector<const RowComparison*>& rows) {
  const bool counted =
      std::ranges::any_of(rows, [](const RowComparison* row) { return row->instructions.has_value(); });
  Grid grid{.noun = "rows", .hint = "row, verdict, reason", .attention = "only those that are not SAME"};
  grid.columns = {{.name = "verdict", .align = Align::left},
                  {.name = "row", .align = Align::left},
                  {"base", "median time of a call"},
                  {"new", "median time of a call"},
                  {"change", "of the time: + is slower"},
                  {"95% interval", "of the change"},
                  {"floor", "a smaller change counts as none: what two equal programs differ by here"},
                  {"p", "that there is no change, after Holm's correction for the number of rows"}};
  if (counted) grid.columns.push_back({"instructions", "change, as callgrind counts them"});
  for (const RowComparison* const row : rows) {
    Grid::Row cells{.cells = {{verdict_markup(row->verdict), urgency(row->verdict)}, opening_cell(row->name)},
                    .tone = tone_class(row->verdict)};
    // A row opens to its reason; that of a row which needs attention is in view.
    if (urgency(row->verdict) < urgency(Verdict::same)) {
      cells.cells.back().markup += fmt::format("<div class=\"why quiet\">{}</div>", html_text(row->reason));
    }
    const auto seconds = [](double time) { return time > 0 ? number_cell(time, duration_text(time)) : Grid::Cell{}; };
    cells.cells.push_back(seconds(row->base_seconds));
    cells.cells.push_back(seconds(row->new_seconds));
    if (has_ratio(*row)) {
      cells.cells.push_back(number_cell(row->ratio.median, change_text(row->ratio.median)));
      cells.cells.push_back(number_cell(row->ratio.low, interval_text(row->ratio)));
      cells.cells.push_back(row->floor > 0 ? number_cell(row->floor, percent_text(row->floor)) : Grid::Cell{});
      cells.cells.push_back(number_cell(row->adjusted_p, probability_text(row->adjusted_p)));
    } else {
      cells.cells.resize(cells.cells.size() + 4);
    }
    if (counted) {
      cells.cells.push_back(row->instructions ? number_cell(*row->instructions, change_text(*row->instructions))
                                              : Grid::Cell{});
    }
    grid.rows.push_back(std::move(cells));
  }
  return grid;
}

json::array drawn_ratio(const Ratio& ratio) {
  return {drawn_number(ratio.median, 5), drawn_number(ratio.low, 5), drawn_number(ratio.high, 5)};
}

using RowsByName = std::map<std::string, const bench::Row*>;

RowsByName by_name(const Result& result) {
  RowsByName rows;
  for (const bench::Row& row : result.rows) rows[row.name] = &row;
  return rows;
}

void add_arm(json::array& arms, std::string_view name, const std::vector<bench::Sample>& samples) {
  if (!samples.empty()) arms.push_back(json::array{json_text(name), drawn_seconds(samples)});
}

json::object row_data(const RowComparison& row, const RowsByName& base, const RowsByName& fresh) {
  json::object one;
  one["name"] = json_text(row.name);
  one["verdict"] = json_text(name(row.verdict));
  one["ratio"] = has_ratio(row) ? json::value(drawn_ratio(row.ratio)) : json::value(nullptr);
  one["control"] = row.control ? json::value(drawn_ratio(*row.control)) : json::value(nullptr);
  one["floor"] = drawn_number(row.floor, 5);
  one["text"] = has_ratio(row) ? fmt::format("{} ({})", change_text(row.ratio.median), interval_text(row.ratio))
                               : std::string(name(row.verdict));
  one["paired"] = row.paired;
  json::array& arms = one["arms"].emplace_array();
  const auto of_base = base.find(row.name);
  const auto of_fresh = fresh.find(row.name);
  if (of_base != base.end()) add_arm(arms, "base", of_base->second->samples);
  if (of_fresh != fresh.end()) add_arm(arms, "new", of_fresh->second->samples);
  if (of_base != base.end()) add_arm(arms, "control", of_base->second->control);
  json::array& facts = one["facts"].emplace_array();
  const auto fact = [&](std::string_view label, const std::string& text) {
    facts.push_back(json::array{json_text(label), json_text(text)});
  };
  fact("reason", row.reason);
  fact("samples", pairs_text(row));
  if (row.control) {
    fact("control", fmt::format("two equal programs differ by {} ({})", change_text(row.control->median),
                                interval_text(*row.control)));
  }
  if (has_ratio(row)) {
    fact("p", fmt::format("{} ({}), {} after Holm", probability_text(row.p),
                          row.paired ? "Wilcoxon's signed-rank test" : "Mann and Whitney's test",
                          probability_text(row.adjusted_p)));
  }
  return one;
}

}  // namespace

std::string ratios_section(const Comparison& comparison, const Result& base, const Result& fresh) {
  if (comparison.rows.empty()) {
    return section_markup("ratios", "", "Ratios", "The two results have no rows in common.", "");
  }
  const std::vector<const RowComparison*> rows = most_urgent_first(comparison);
  const Grid grid = grid_of(rows);
  const RowsByName of_base = by_name(base);
  const RowsByName of_fresh = by_name(fresh);
  json::array all;
  for (const RowComparison* const row : rows) all.push_back(row_data(*row, of_base, of_fresh));
  return section_markup("ratios", "filtered charts", "New over base",
                        "How the time of a call changed: the median of its ratios and the 95% interval of that median. "
                        "Right of the line is "
                        "slower. Within the band a change counts as none; the ghost behind the mark is what two runs "
                        "of base differ by. A "
                        "row of the table opens to its samples.",
                        grid_filter(grid) + chart_markup("ratios", "Ratios of times, new over base, with intervals") +
                            grid_table(grid) + chart_data_markup(json::object{{"rows", std::move(all)}}));
}

}  // namespace assay::reports
