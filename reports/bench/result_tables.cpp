// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/bench/result_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "bench/result/roofline.hpp"
#include "bench/statistics/summary.hpp"
#include "reports/bench/quantities.hpp"
#include "reports/figures.hpp"
#include "reports/text.hpp"

namespace assay::reports {
namespace {

using Align = Table::Column::Align;
using Tone = Table::Row::Tone;

std::string setting(const bench::Result& result, const std::string& key) {
  const auto found = result.settings.find(key);
  return found == result.settings.end() ? "" : printable(found->second);
}

/// How the outputs of the rows were checked; "" where none were.
std::string check_text(const bench::Result& result) {
  double worst = 0;
  double limit = 0;
  for (const bench::Row& row : result.rows) {
    const auto error = row.counters.find("output_error");
    const auto allowed = row.counters.find("output_error_limit");
    if (error == row.counters.end() || allowed == row.counters.end() || !row.invalid.empty()) continue;
    if (limit == 0 || error->second / allowed->second > worst / limit) {
      worst = error->second;
      limit = allowed->second;
    }
  }
  if (limit == 0) return "";
  return fmt::format("outputs within {} of the float64 reference (limit {}); every timed call gave the checked bits",
                     error_text(worst), error_text(limit));
}

std::string counter_text(const bench::Row& row, const std::string& key, std::string (*text)(double)) {
  const auto found = row.counters.find(key);
  return found == row.counters.end() ? "" : text(found->second);
}

/// Of a column that says what is counted.
std::string amount_text(double amount) { return amount > 0 ? scaled_text(amount, "") : ""; }

bool is_throughput(const bench::Row& row) { return row.counters.contains("tokens/s"); }

/// Layer, or "" for what the model does once.
std::string layer_text(const bench::LedgerRow& row) { return row.layer ? fmt::to_string(*row.layer) : ""; }

Table::Row cost_row(std::vector<std::string> cells, const bench::LedgerRow& row, double whole,
                    const bench::Roofs& roofs) {
  cells.push_back(duration_text(row.seconds));
  cells.push_back(percent_text(whole > 0 ? row.seconds / whole : 0));
  cells.push_back(amount_text(row.flops));
  cells.push_back(amount_text(row.bytes));
  const auto share = bench::share_of_roof({row.flops, row.bytes, row.seconds}, roofs);
  cells.push_back(share ? percent_text(*share) : "");
  cells.push_back(row.error ? error_text(*row.error) : "");
  cells.push_back(row.used ? used_text(*row.used) : "");
  Table::Row drawn{std::move(cells)};
  if (row.used && !(*row.used <= 1)) drawn.tone = Tone::wrong;
  return drawn;
}

double seconds_of(const bench::Result& result, const std::string& phase) {
  double sum = 0;
  for (const bench::LedgerRow& row : result.ledger) {
    if (row.phase == phase) sum += row.seconds;
  }
  return sum;
}

/// Which columns have something to say: errors are there only with a golden.
Table with_costs(Table table) {
  using Column = Table::Column;
  for (const std::string_view name : {"time", "share", "FLOP", "bytes", "roof", "error", "of limit"}) {
    table.columns.push_back(Column{name, Align::right});
  }
  return table;
}

Table without_empty_columns(Table table) {
  for (std::size_t column = table.columns.size(); column-- > 0;) {
    const bool empty =
        std::ranges::all_of(table.rows, [&](const Table::Row& row) { return row.cells[column].empty(); });
    if (!empty || table.rows.empty()) continue;
    table.columns.erase(table.columns.begin() + static_cast<std::ptrdiff_t>(column));
    for (Table::Row& row : table.rows) row.cells.erase(row.cells.begin() + static_cast<std::ptrdiff_t>(column));
  }
  return table;
}

}  // namespace

std::vector<std::string> result_facts(const bench::Result& result) {
  std::vector<std::string> facts;
  if (const std::string model = setting(result, "model"); !model.empty()) {
    facts.push_back(
        fmt::format("{}, {} layers, stored as {}", model, setting(result, "layers"), setting(result, "dtype")));
  }
  if (const std::string engine = setting(result, "engine"); engine == "optimized") {
    facts.push_back(
        fmt::format("{}, {} threads, weights as {}", engine, setting(result, "threads"), setting(result, "weights")));
  } else if (!engine.empty()) {
    facts.push_back(engine);
  }
  if (const auto cpu = result.machine.find("cpu"); cpu != result.machine.end()) facts.push_back(printable(cpu->second));
  if (result.roofs.flops_per_second > 0) {
    facts.push_back(fmt::format("roofs, measured before: {}, {}", scaled_text(result.roofs.flops_per_second, "FLOP/s"),
                                scaled_text(result.roofs.bytes_per_second, "B/s")));
  }
  if (const std::string check = check_text(result); !check.empty()) facts.push_back(check);
  if (result.noise.seconds > 0) {
    facts.push_back(fmt::format("noise: {} of {} taken by the host, somebody waited for a core {} of the time",
                                duration_text(result.noise.steal_seconds), duration_text(result.noise.seconds),
                                percent_text(result.noise.pressure_share)));
  }
  return facts;
}

Table throughput_table(const bench::Result& result) {
  Table table{.title = "Throughput",
              .meaning = "Medians; the spread is that of the middle half. A prefill's call gives the first token.",
              .columns = {{"", Align::left}, {"tokens/s"}, {"spread"}, {"call"}, {"p99"}, {"roof"}},
              .rows = {}};
  for (const bench::Row& row : result.rows) {
    if (!is_throughput(row)) continue;
    const std::vector<double> seconds = bench::real_seconds(row.samples);
    if (!row.invalid.empty()) {
      table.rows.push_back({{printable(row.name), "INVALID", "", "", "", ""}, Tone::wrong});
      continue;
    }
    table.rows.push_back(
        {{printable(row.name), counter_text(row, "tokens/s", number_text), percent_text(bench::spread(seconds)),
          duration_text(bench::median(seconds)), counter_text(row, "latency_p99", duration_text),
          counter_text(row, "share_of_roof", percent_text)}});
  }
  return without_empty_columns(std::move(table));
}

std::vector<std::string> invalid_lines(const bench::Result& result) {
  std::vector<std::string> lines;
  for (const bench::Row& row : result.rows) {
    if (!row.invalid.empty()) lines.push_back(fmt::format("{}: {}", printable(row.name), printable(row.invalid)));
  }
  return lines;
}

Table memory_table(const bench::Result& result) {
  Table table{.title = "Memory",
              .meaning = "Resident, as the kernel counts it; explained is what program and engine say they hold.",
              .columns = {{"", Align::left}, {"peak"}, {"at its end"}, {"explained"}},
              .rows = {}};
  for (const bench::MemoryPhase& phase : result.memory) {
    table.rows.push_back({{printable(phase.name), bytes_text(phase.peak_bytes), bytes_text(phase.after_bytes),
                           phase.explained_bytes > 0 ? bytes_text(phase.explained_bytes) : ""}});
  }
  return table;
}

std::string observing_line(const bench::Result& result) {
  for (const bench::Row& row : result.rows) {
    const auto ratio = row.counters.find("ratio_to_unobserved");
    if (ratio == row.counters.end()) continue;
    return fmt::format("every site compared and injected: {:.2f} times the time of a call ({:.0f} sites, {} elements)",
                       ratio->second, row.counters.at("sites"), amount_text(row.counters.at("elements")));
  }
  return "";
}

std::string bytes_line(const bench::Result& result) {
  std::string text;
  for (const auto& [kind, bytes] : result.bytes) {
    if (bytes == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", printable(kind), bytes_text(bytes));
  }
  return text;
}

Table expert_table(const bench::Result& result) {
  Table table{.title = "Experts",
              .meaning = "Tokens of the busiest and of the idlest expert; 1 is an even load, E all tokens to one.",
              .columns = {{"", Align::left}, {"layer"}, {"experts"}, {"most"}, {"least"}, {"idle"}, {"most / mean"}},
              .rows = {}};
  for (const bench::ExpertLoad& load : result.experts) {
    if (load.tokens.empty()) continue;
    const auto sum = std::accumulate(load.tokens.begin(), load.tokens.end(), std::uint64_t{0});
    const auto [least, most] = std::ranges::minmax(load.tokens);
    const double mean = static_cast<double>(sum) / static_cast<double>(load.tokens.size());
    table.rows.push_back(
        {{printable(load.phase), fmt::to_string(load.layer), fmt::to_string(load.tokens.size()), fmt::to_string(most),
          fmt::to_string(least), fmt::to_string(std::ranges::count(load.tokens, std::uint64_t{0})),
          sum > 0 ? fmt::format("{:.2f}", static_cast<double>(most) / mean) : ""}});
  }
  return table;
}

Table group_table(const bench::Result& result, const std::string& phase) {
  Table table =
      with_costs({.title = "Where the time goes",
                  .meaning = "One call, the layers of a group together; FLOP and bytes are what had to be done.",
                  .columns = {{"", Align::left}},
                  .rows = {}});
  std::vector<bench::LedgerRow> groups;
  for (const bench::LedgerRow& row : result.ledger) {
    if (row.phase != phase) continue;
    auto group = std::ranges::find(groups, row.group, &bench::LedgerRow::group);
    if (group == groups.end()) {
      groups.push_back(row);
      continue;
    }
    group->seconds += row.seconds;
    group->flops += row.flops;
    group->bytes += row.bytes;
    if (row.error) group->error = std::max(group->error.value_or(0), *row.error);
    if (row.used) group->used = std::max(group->used.value_or(0), *row.used);
  }
  std::ranges::stable_sort(groups, std::ranges::greater(), &bench::LedgerRow::seconds);
  const double whole = seconds_of(result, phase);
  for (const bench::LedgerRow& row : groups)
    table.rows.push_back(cost_row({printable(row.group)}, row, whole, result.roofs));
  return without_empty_columns(std::move(table));
}

Table ledger_table(const bench::Result& result, const std::string& phase) {
  Table table = with_costs({.title = "Layer by layer",
                            .meaning = "One call; what the model does once stands at the end.",
                            .columns = {{"layer"}, {"", Align::left}},
                            .rows = {}});
  const double whole = seconds_of(result, phase);
  for (const bench::LedgerRow& row : result.ledger) {
    if (row.phase == phase)
      table.rows.push_back(cost_row({layer_text(row), printable(row.group)}, row, whole, result.roofs));
  }
  return without_empty_columns(std::move(table));
}

std::vector<std::string> phases(const bench::Result& result) {
  std::vector<std::string> found;
  for (const bench::LedgerRow& row : result.ledger) {
    if (std::ranges::find(found, row.phase) == found.end()) found.push_back(row.phase);
  }
  return found;
}

}  // namespace assay::reports
