// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/statistics/summary.hpp"
#include "reports/bench/pages/parts.hpp"
#include "reports/bench/pages/row_figures.hpp"
#include "reports/bench/pages/sections.hpp"
#include "reports/bench/quantities.hpp"
#include "reports/html/grid.hpp"
#include "reports/html/markup.hpp"
#include "reports/json_values.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;
using bench::Result;
using bench::Row;

struct Figure {
  std::string_view column;
  std::string_view meaning;
  std::function<std::optional<double>(const Row&, const bench::Roofs&)> value;
  std::string (*text)(double);
};

std::function<std::optional<double>(const Row&, const bench::Roofs&)> counter_named(const char* name) {
  return [name](const Row& row, const bench::Roofs& /*roofs*/) { return counter(row, name); };
}

/// Columns, of which a table has those that any row has a figure for.
std::vector<Figure> all_figures() {
  return {
      {"tokens/s", "of the median", counter_named("tokens/s"), number_text},
      {"time", "of one call, the median of the samples",
       [](const Row& row, const bench::Roofs& /*roofs*/) { return median_seconds(row); }, duration_text},
      {"spread", "how far the middle half of the samples lies apart, as a share of the median",
       [](const Row& row, const bench::Roofs& /*roofs*/) -> std::optional<double> {
         if (row.samples.size() < 2) return std::nullopt;
         return bench::spread(bench::real_seconds(row.samples));
       },
       percent_text},
      {"p50", "latency of a call: half of the calls took longer", counter_named("latency_p50"), duration_text},
      {"p99", "latency of a call: one of a hundred took longer", counter_named("latency_p99"), duration_text},
      {"rate", "FLOP of a call over the median",
       [](const Row& row, const bench::Roofs& /*roofs*/) { return flop_rate(row); },
       [](double rate) { return scaled_text(rate, "FLOP/s"); }},
      {"traffic", "bytes that a call moves at least, over the median",
       [](const Row& row, const bench::Roofs& /*roofs*/) { return byte_rate(row); },
       [](double rate) { return scaled_text(rate, "B/s"); }},
      {"of roof", "the share of what the machine can do at best: max(FLOP / peak, bytes / bandwidth) / time",
       share_of_row, percent_text},
      {"allocations", "of a call", counter_named("allocations"), number_text},
      {"instructions", "of a call, as callgrind counts them",
       [](const Row& row, const bench::Roofs& /*roofs*/) { return row.instructions; },
       [](double count) { return scaled_text(count, ""); }},
  };
}

/// Invalid rows first.
std::vector<const Row*> ordered(const Result& result) {
  std::vector<const Row*> rows;
  for (const Row& row : result.rows) rows.push_back(&row);
  std::ranges::stable_partition(rows, [](const Row* row) { return !row->invalid.empty(); });
  return rows;
}

Grid grid_of(const Result& result, const std::vector<const Row*>& rows) {
  using Align = Grid::Column::Align;
  const bool any_invalid = !rows.empty() && !rows.front()->invalid.empty();
  std::vector<Figure> figures = all_figures();
  std::erase_if(figures, [&](const Figure& figure) {
    return std::ranges::none_of(rows, [&](const Row* row) { return figure.value(*row, result.roofs).has_value(); });
  });
  Grid grid{.noun = "rows", .hint = "row, INVALID", .attention = any_invalid ? "only those that are INVALID" : ""};
  grid.columns.push_back({.name = "row", .align = Align::left});
  for (const Figure& figure : figures)
    grid.columns.push_back({std::string(figure.column), std::string(figure.meaning)});
  grid.columns.push_back({"samples"});
  for (const Row* const row : rows) {
    Grid::Row cells{.cells = {opening_cell(row->name)}, .tone = row->invalid.empty() ? "holds" : "void"};
    if (!row->invalid.empty()) {
      cells.cells[0].markup += fmt::format("<div class=\"why\">{} {}</div>", verdict_markup(bench::Verdict::invalid),
                                           html_text(row->invalid));
    }
    for (const Figure& figure : figures) {
      const std::optional<double> value = figure.value(*row, result.roofs);
      cells.cells.push_back(value ? number_cell(*value, figure.text(*value)) : Grid::Cell{});
    }
    cells.cells.push_back(number_cell(static_cast<double>(row->samples.size()), fmt::to_string(row->samples.size())));
    grid.rows.push_back(std::move(cells));
  }
  return grid;
}

/// What a row opens to: samples, and every counter.
json::object opened(const Row& row) {
  json::array arms{json::array{"samples", drawn_seconds(row.samples)}};
  if (!row.control.empty()) arms.push_back(json::array{"control", drawn_seconds(row.control)});
  json::array facts;
  if (!row.invalid.empty()) facts.push_back(json::array{"invalid", json_text(row.invalid)});
  facts.push_back(json::array{"threads", fmt::to_string(row.threads)});
  for (const auto& [name, value] : row.counters) {
    facts.push_back(json::array{json_text(name), json_text(counter_text(name, value))});
  }
  if (!row.code.empty()) facts.push_back(json::array{"code", json_text(row.code)});
  json::object one;
  one["arms"] = std::move(arms);
  one["facts"] = std::move(facts);
  return one;
}

}  // namespace

std::string rows_section(const Result& result) {
  if (result.rows.empty()) return "";
  const std::vector<const Row*> rows = ordered(result);
  const Grid grid = grid_of(result, rows);
  json::array all;
  for (const Row* const row : rows) all.push_back(opened(*row));
  return section_markup(
      "rows", "filtered", "Rows", "A row opens to its samples and all of its figures.",
      grid_filter(grid) + grid_table(grid) + chart_data_markup(json::object{{"rows", std::move(all)}}));
}

}  // namespace assay::reports
