// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/bench/result_console.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bench/statistics/summary.hpp"
#include "reports/bench/result_tables.hpp"
#include "reports/figures.hpp"
#include "reports/terminal.hpp"
#include "reports/text_table.hpp"

namespace assay::reports {
namespace {

/// A longer table of experts says no more than its busiest layers.
constexpr std::size_t most_expert_rows = 8;

std::string titled(const std::string& title, const Table& table, Colour colour) {
  if (table.rows.empty()) return "";
  return fmt::format("\n{}\n{}", title, text_table(table, colour));
}

/// The layers whose load is the most uneven.
std::string experts(const bench::Result& result, Colour colour) {
  Table table = expert_table(result);
  const std::size_t rows = table.rows.size();
  if (rows > most_expert_rows) {
    const std::size_t ratio = table.columns.size() - 1;
    std::ranges::stable_sort(table.rows, [ratio](const Table::Row& one, const Table::Row& other) {
      return std::stod("0" + one.cells[ratio]) > std::stod("0" + other.cells[ratio]);
    });
    table.rows.resize(most_expert_rows);
  }
  std::string title = "Tokens per expert";
  if (rows > most_expert_rows)
    title += fmt::format(", the {} least even of {} layers and phases", most_expert_rows, rows);
  return titled(title, table, colour);
}

std::string load_line(const bench::Result& result) {
  for (const bench::Row& row : result.rows) {
    if (row.name != "load" || row.samples.empty()) continue;
    std::string text = fmt::format("loaded in {}", seconds_text(row.samples.front().real_seconds));
    if (const auto rate = row.counters.find("bytes/s"); rate != row.counters.end()) {
      text += fmt::format(" ({:.1f} GB/s)", rate->second / 1e9);
    }
    return text + "; ";
  }
  return "";
}

}  // namespace

std::string result_table(const bench::Result& result, Style style) {
  std::string text;
  for (const std::string& fact : result_facts(result)) text += wrapped(fact);
  text += "\n" + text_table(throughput_table(result), style.colour);
  for (const std::string& line : invalid_lines(result)) text += wrapped("INVALID " + line);
  if (const std::string observing = observing_line(result); !observing.empty()) text += wrapped(observing);
  text += titled("Memory", memory_table(result), style.colour);
  if (const std::string bytes = bytes_line(result); !bytes.empty()) text += wrapped(load_line(result) + bytes);
  text += experts(result, style.colour);
  for (const std::string& phase : phases(result)) {
    text += titled(fmt::format("Where a {} call's time goes", phase), group_table(result, phase), style.colour);
  }
  for (const std::string& phase : phases(result)) {
    text += titled(fmt::format("Layer by layer, {}", phase), ledger_table(result, phase), style.colour);
  }
  return text;
}

}  // namespace assay::reports
