// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The ledger of a profile: by group, by layer, and row by row.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bench/result/roofline.hpp"
#include "reports/bench/pages/ledger_totals.hpp"
#include "reports/bench/pages/parts.hpp"
#include "reports/bench/pages/sections.hpp"
#include "reports/bench/quantities.hpp"
#include "reports/figures.hpp"
#include "reports/html/grid.hpp"
#include "reports/html/markup.hpp"
#include "reports/json_values.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;
using bench::LedgerRow;
using bench::Result;
using bench::Work;
using Align = Grid::Column::Align;

/// Groups by the sum of their shares of the phases: the order of colours and of bars.
std::vector<std::string> ranked_groups(const std::vector<GroupTotal>& totals) {
  std::map<std::string, double> shares;
  for (const GroupTotal& total : totals) shares[total.group] += total.share;
  std::vector<std::string> groups;
  for (const auto& [group, share] : shares) groups.push_back(group);
  std::ranges::stable_sort(groups, [&](const auto& a, const auto& b) { return shares.at(a) > shares.at(b); });
  return groups;
}

std::string roof_text(const Work& work, const bench::Roofs& roofs) {
  const std::optional<double> share = share_of_roof(work, roofs);
  return share ? percent_text(*share) : "";
}

json::object time_data(const Result& result) {
  const std::vector<GroupTotal> totals = group_totals(result.ledger);
  const std::vector<std::string> groups = ranked_groups(totals);
  const auto place_of = [&](const std::string& group) {
    return static_cast<std::size_t>(std::ranges::find(groups, group) - groups.begin());
  };
  json::object data;
  json::array& names = data["groups"].emplace_array();
  for (const std::string& group : groups) names.push_back(json_text(group));
  json::array& phases = data["phases"].emplace_array();
  for (const std::string& phase : phases_of(result.ledger)) {
    json::object one;
    one["name"] = json_text(phase);
    json::array& bars = one["groups"].emplace_array();
    for (const GroupTotal& total : totals) {
      if (total.phase != phase) continue;
      bars.push_back(json::array{place_of(total.group), drawn_number(total.work.seconds), drawn_number(total.share),
                                 roof_text(total.work, result.roofs)});
    }
    json::array& cells = one["cells"].emplace_array();
    for (const LedgerRow& row : result.ledger) {
      if (row.phase != phase || !row.layer) continue;
      cells.push_back(json::array{*row.layer, place_of(row.group), drawn_number(row.seconds),
                                  roof_text(work_of(row), result.roofs)});
    }
    phases.push_back(std::move(one));
  }
  return data;
}

/// Which columns a ledger has figures for.
struct Known {
  bool roofs = false;
  bool errors = false;

  explicit Known(const Result& result)
      : roofs(std::ranges::any_of(
            result.ledger,
            [&](const LedgerRow& row) { return share_of_roof(work_of(row), result.roofs).has_value(); })),
        errors(std::ranges::any_of(
            result.ledger, [](const LedgerRow& row) { return row.error.has_value() || row.used.has_value(); })) {}
};

void add_work_columns(Grid& grid, const Known& known) {
  grid.columns.push_back({"time", "of one call"});
  grid.columns.push_back({"share", "of the time of the phase"});
  grid.columns.push_back({"FLOP"});
  grid.columns.push_back({"bytes", "moved at least"});
  grid.columns.push_back({"FLOP/byte"});
  grid.columns.push_back({"rate"});
  grid.columns.push_back({"traffic"});
  if (known.roofs) grid.columns.push_back({"of roof", "max(FLOP / peak, bytes / bandwidth) / time"});
  if (known.errors) {
    grid.columns.push_back({"error", "relative, of the worst site of the group against the golden"});
    grid.columns.push_back({"of limit", "the largest share that an error or noise ratio is of its limit"});
  }
}

void add_amount(Grid::Row& row, double amount, const std::string& text) {
  row.cells.push_back(amount > 0 ? number_cell(amount, text) : Grid::Cell{});
}

void add_work_cells(Grid::Row& row, const Work& work, double share, const bench::Roofs& roofs, const Known& known) {
  row.cells.push_back(number_cell(work.seconds, duration_text(work.seconds)));
  row.cells.push_back(number_cell(share, percent_text(share)));
  add_amount(row, work.flops, scaled_text(work.flops, "FLOP"));
  add_amount(row, work.bytes, scaled_text(work.bytes, "B"));
  const double per_byte = intensity(work).value_or(0);
  add_amount(row, per_byte, number_text(per_byte));
  const double flop_rate = work.seconds > 0 ? work.flops / work.seconds : 0;
  const double byte_rate = work.seconds > 0 ? work.bytes / work.seconds : 0;
  add_amount(row, flop_rate, scaled_text(flop_rate, "FLOP/s"));
  add_amount(row, byte_rate, scaled_text(byte_rate, "B/s"));
  if (!known.roofs) return;
  const std::optional<double> of_roof = share_of_roof(work, roofs);
  row.cells.push_back(of_roof ? number_cell(*of_roof, percent_text(*of_roof)) : Grid::Cell{});
}

/// An error beyond its limit colours the row.
void add_error_cells(Grid::Row& row, std::optional<double> error, std::optional<double> used_of_limit,
                     const Known& known) {
  if (!known.errors) return;
  row.cells.push_back(error ? number_cell(*error, error_text(*error)) : Grid::Cell{});
  row.cells.push_back(used_of_limit ? number_cell(*used_of_limit, used_text(*used_of_limit)) : Grid::Cell{});
  if (used_of_limit && !(*used_of_limit <= 1)) row.tone = "breaks";
}

std::string group_table(const Result& result) {
  const Known known(result);
  Grid grid{.noun = "groups", .hint = "phase, group"};
  grid.columns = {{.name = "phase", .align = Align::left}, {.name = "group", .align = Align::left}, {"places"}};
  add_work_columns(grid, known);
  for (const GroupTotal& total : group_totals(result.ledger)) {
    Grid::Row row{.cells = {text_cell(total.phase), text_cell(total.group),
                            number_cell(static_cast<double>(total.places), fmt::to_string(total.places))}};
    add_work_cells(row, total.work, total.share, result.roofs, known);
    add_error_cells(row, total.error, total.used, known);
    grid.rows.push_back(std::move(row));
  }
  return "<div class=\"filtered\">\n" + grid_filter(grid) + grid_table(grid) + "</div>\n";
}

}  // namespace

std::string time_section(const Result& result) {
  if (result.ledger.empty()) return "";
  return section_markup(
      "time", "charts", "Where the time goes",
      "Self time of one call of each phase. Left all layers together, right layer by layer in the same "
      "colours; point at a bar for its figures.",
      chart_markup("layers", "Time by group and by layer") + chart_data_markup(time_data(result)) +
          "<h3>By group</h3>\n" + group_table(result));
}

std::string ledger_section(const Result& result) {
  if (result.ledger.empty()) return "";
  const Known known(result);
  Grid grid{
      .noun = "places", .hint = "phase, layer, group", .attention = known.errors ? "only those beyond a limit" : ""};
  grid.columns = {{.name = "phase", .align = Align::left}, {"layer"}, {.name = "group", .align = Align::left}};
  add_work_columns(grid, known);
  const std::map<std::string, double> seconds = phase_seconds(result.ledger);
  for (const LedgerRow& line : result.ledger) {
    const double all = seconds.at(line.phase);
    Grid::Row row{.cells = {text_cell(line.phase),
                            line.layer ? number_cell(static_cast<double>(*line.layer), fmt::to_string(*line.layer))
                                       : number_cell(std::numeric_limits<double>::max(), "model"),
                            text_cell(line.group)}};
    add_work_cells(row, work_of(line), all > 0 ? line.seconds / all : 0, result.roofs, known);
    add_error_cells(row, line.error, line.used, known);
    grid.rows.push_back(std::move(row));
  }
  return section_markup(
      "ledger", "", "Ledger", "Every group of every layer; \"model\" is what is done once.",
      fmt::format("<details class=\"fold\"><summary>{}</summary>\n<div class=\"filtered\">\n{}{}</div>\n"
                  "</details>\n",
                  count_text(grid.rows.size(), "place"), grid_filter(grid), grid_table(grid)));
}

}  // namespace assay::reports
