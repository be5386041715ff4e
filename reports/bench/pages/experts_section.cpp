// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/result/balance.hpp"
#include "bench/statistics/summary.hpp"
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
using bench::Balance;
using bench::ExpertLoad;
using bench::Result;

std::string times_text(double ratio) { return number_text(ratio) + "x"; }

std::vector<std::string> phases_of(const std::vector<ExpertLoad>& loads) {
  std::vector<std::string> phases;
  for (const ExpertLoad& load : loads) {
    if (std::ranges::find(phases, load.phase) == phases.end()) phases.push_back(load.phase);
  }
  return phases;
}

/// The balance of all layers of a phase in a sentence.
std::string balance_text(const std::vector<ExpertLoad>& loads, const std::string& phase) {
  std::vector<double> ratios;
  std::size_t unused = 0;
  std::size_t experts = 0;
  const ExpertLoad* worst = nullptr;
  double largest = 0;
  for (const ExpertLoad& load : loads) {
    if (load.phase != phase) continue;
    const std::optional<Balance> balance = bench::balance_of(load.tokens);
    if (!balance) continue;
    ratios.push_back(balance->busiest_over_even);
    unused += balance->unused;
    experts += load.tokens.size();
    if (balance->busiest_over_even > largest) {
      largest = balance->busiest_over_even;
      worst = &load;
    }
  }
  if (worst == nullptr) return phase + ": no token was counted";
  std::string text = fmt::format(
      "{}: the busiest expert of a layer has {} times an even share in the median layer, {} times in layer {}", phase,
      number_text(bench::median(ratios)), number_text(largest), worst->layer);
  if (unused > 0) text += fmt::format("; {} of {} experts had no token", unused, experts);
  return text;
}

json::object experts_data(const Result& result) {
  json::object data;
  json::array& phases = data["phases"].emplace_array();
  for (const std::string& phase : phases_of(result.experts)) {
    json::object one;
    one["caption"] = json_text(balance_text(result.experts, phase));
    json::array& layers = one["layers"].emplace_array();
    for (const ExpertLoad& load : result.experts) {
      if (load.phase != phase) continue;
      layers.push_back(json::array{load.layer, json::array(load.tokens.begin(), load.tokens.end())});
    }
    phases.push_back(std::move(one));
  }
  return data;
}

std::string experts_table(const Result& result) {
  using Align = Grid::Column::Align;
  Grid grid{.noun = "layers", .hint = "phase, layer"};
  grid.columns = {{.name = "phase", .align = Align::left},
                  {"layer"},
                  {"experts"},
                  {"choices", "a token counts for each of its experts"},
                  {"busiest", "the number of the expert with most tokens"},
                  {"its tokens"},
                  {"over even", "the tokens of the busiest expert over those that each had if all had the same"},
                  {"unused", "experts without a token"}};
  const auto count = [](std::size_t number) {
    return number_cell(static_cast<double>(number), fmt::to_string(number));
  };
  for (const ExpertLoad& load : result.experts) {
    Grid::Row row{.cells = {text_cell(load.phase), count(load.layer), count(load.tokens.size())}};
    if (const std::optional<Balance> balance = bench::balance_of(load.tokens)) {
      for (const std::size_t number : {static_cast<std::size_t>(balance->tokens), balance->busiest,
                                       static_cast<std::size_t>(load.tokens[balance->busiest])}) {
        row.cells.push_back(count(number));
      }
      row.cells.push_back(number_cell(balance->busiest_over_even, times_text(balance->busiest_over_even)));
      row.cells.push_back(count(balance->unused));
    } else {
      row.cells.push_back(count(0));
      row.cells.resize(grid.columns.size());
    }
    grid.rows.push_back(std::move(row));
  }
  return fmt::format(
      "<details class=\"fold\"><summary>{}</summary>\n<div class=\"filtered\">\n{}{}</div>\n</details>\n",
      count_text(grid.rows.size(), "layer") + " in numbers", grid_filter(grid), grid_table(grid));
}

}  // namespace

std::string experts_section(const Result& result) {
  if (result.experts.empty()) return "";
  return section_markup(
      "experts", "charts", "Tokens by expert",
      "How often each expert of a layer was chosen, as a multiple of what it had if all had the same. An "
      "uneven layer waits for its busiest expert.",
      chart_markup("experts", "Tokens by layer and expert") + chart_data_markup(experts_data(result)) +
          experts_table(result));
}

}  // namespace assay::reports
