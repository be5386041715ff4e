// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

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
using bench::MemoryPhase;
using bench::Result;

Grid::Cell bytes_cell(std::size_t bytes) { return number_cell(static_cast<double>(bytes), bytes_text(bytes)); }

double ratio(std::size_t part, std::size_t whole) { return static_cast<double>(part) / static_cast<double>(whole); }

std::string explained_text(const MemoryPhase& phase) {
  return phase.after_bytes == 0 ? "" : percent_text(ratio(phase.explained_bytes, phase.after_bytes));
}

std::string phases_markup(const std::vector<MemoryPhase>& memory) {
  if (memory.empty()) return "";
  const bool explained =
      std::ranges::any_of(memory, [](const MemoryPhase& phase) { return phase.explained_bytes > 0; });
  Grid grid{.noun = "phases",
            .columns = {{.name = "phase", .align = Grid::Column::Align::left},
                        {"peak", "the most that was resident in the phase"},
                        {"at its end", "resident"}}};
  if (explained) {
    grid.columns.push_back({"explained", "what program and engine say they hold at its end"});
    grid.columns.push_back({"of its end", "the share that is explained"});
  }
  for (const MemoryPhase& phase : memory) {
    Grid::Row row{.cells = {text_cell(phase.name), bytes_cell(phase.peak_bytes), bytes_cell(phase.after_bytes)}};
    if (explained) {
      const bool says = phase.explained_bytes > 0;
      row.cells.push_back(says ? bytes_cell(phase.explained_bytes) : Grid::Cell{});
      row.cells.push_back(says && phase.after_bytes > 0
                              ? number_cell(ratio(phase.explained_bytes, phase.after_bytes), explained_text(phase))
                              : Grid::Cell{});
    }
    grid.rows.push_back(std::move(row));
  }
  return figure_markup(
             "memory", "Over the phases",
             "Resident memory as the kernel counts it, mapped files included: the light bar to its peak, the dark "
             "one to what is there when the phase ends. The mark is what program and engine say they hold.") +
         grid_table(grid);
}

std::vector<std::pair<std::string, std::size_t>> largest_first(const bench::BytesByKind& bytes) {
  std::vector<std::pair<std::string, std::size_t>> kinds(bytes.begin(), bytes.end());
  std::ranges::stable_sort(kinds, [](const auto& a, const auto& b) { return a.second > b.second; });
  return kinds;
}

std::string kinds_markup(const bench::BytesByKind& bytes) {
  if (bytes.empty()) return "";
  return figure_markup("kinds", "Bytes by kind", "What program and engine hold at the end of the run.");
}

json::object memory_data(const Result& result) {
  json::object data;
  json::array& phases = data["phases"].emplace_array();
  for (const MemoryPhase& phase : result.memory) {
    std::string text = fmt::format("{} peak", bytes_text(phase.peak_bytes));
    if (phase.explained_bytes > 0 && phase.after_bytes > 0)
      text += fmt::format(", {} explained", explained_text(phase));
    phases.push_back(json::array{json_text(phase.name), phase.peak_bytes, phase.after_bytes, phase.explained_bytes,
                                 bytes_text(phase.peak_bytes), bytes_text(phase.after_bytes),
                                 phase.explained_bytes > 0 ? bytes_text(phase.explained_bytes) : "", text});
  }
  json::array& kinds = data["kinds"].emplace_array();
  std::size_t all = 0;
  for (const auto& [kind, bytes] : result.bytes) all += bytes;
  for (const auto& [kind, bytes] : largest_first(result.bytes)) {
    const std::string share = all > 0 ? percent_text(ratio(bytes, all)) : "";
    kinds.push_back(json::array{json_text(kind), bytes, bytes_text(bytes) + (share.empty() ? "" : ", " + share)});
  }
  return data;
}

}  // namespace

std::string memory_section(const Result& result) {
  if (result.memory.empty() && result.bytes.empty()) return "";
  return section_markup(
      "memory", "charts", "Memory", "",
      phases_markup(result.memory) + kinds_markup(result.bytes) + chart_data_markup(memory_data(result)));
}

}  // namespace assay::reports
