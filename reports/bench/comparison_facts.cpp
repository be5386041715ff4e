// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/bench/comparison_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "bench/statistics/compare.hpp"
#include "reports/bench/quantities.hpp"
#include "reports/figures.hpp"
#include "reports/text.hpp"

namespace assay::reports {
namespace {

using bench::Comparison;
using bench::RowComparison;
using bench::Verdict;
using Align = Table::Column::Align;
using Tone = Table::Row::Tone;

constexpr std::array order{Verdict::regressed, Verdict::invalid, Verdict::inconclusive,
                           Verdict::improved,  Verdict::same,    Verdict::same_code};

Tone tone_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::same:
    case Verdict::same_code:
      return Tone::plain;
    case Verdict::improved:
    case Verdict::inconclusive:
      return Tone::noted;
    case Verdict::regressed:
    case Verdict::invalid:
      break;
  }
  return Tone::wrong;
}

Table::Row table_row(const RowComparison& row) {
  std::vector<std::string> cells{std::string(bench::name(row.verdict)), printable(row.name)};
  if (!has_figures(row)) {
    cells.resize(10);
  } else {
    for (std::string cell :
         {duration_text(row.base_seconds), duration_text(row.new_seconds), change_text(row.ratio.median),
          interval_text(row), percent_text(row.floor), probability_text(row.adjusted_p), fmt::to_string(row.pairs),
          row.instructions ? change_text(*row.instructions) : ""}) {
      cells.push_back(std::move(cell));
    }
  }
  return {std::move(cells), tone_of(row.verdict)};
}

}  // namespace

std::string tally(const Comparison& comparison) {
  std::string text = count_text(comparison.rows.size(), "row");
  std::string_view separator = ": ";
  for (const Verdict verdict : order) {
    const auto count = std::ranges::count(comparison.rows, verdict, &RowComparison::verdict);
    if (count == 0) continue;
    text += fmt::format("{}{} {}", separator, count, bench::name(verdict));
    separator = ", ";
  }
  return text;
}

std::string side_text(const bench::Side& side) {
  std::string text = printable(side.file);
  for (const std::string& part : {side.date, side.program}) {
    if (!part.empty()) text += ", " + printable(part);
  }
  if (!side.commit.empty()) text += ", commit " + printable(side.commit);
  return text;
}

std::string sampling_text(const Comparison& comparison) {
  std::size_t fewest = 0;
  std::size_t most = 0;
  bool paired = true;
  for (const RowComparison& row : comparison.rows) {
    if (!has_figures(row) || bench::is_single(row)) continue;
    fewest = fewest == 0 ? row.pairs : std::min(fewest, row.pairs);
    most = std::max(most, row.pairs);
    paired = row.paired;
  }
  if (most == 0) return "nothing was measured";
  const std::string count = fewest == most ? fmt::to_string(most) : fmt::format("{} to {}", fewest, most);
  if (paired) return fmt::format("samples taken in turns, {} pairs a row", count);
  return fmt::format("samples of different times, {} an arm: a machine drifts, effects below {:.0f}% do not count",
                     count, 100 * bench::Rule().least_floor_apart);
}

bool has_figures(const RowComparison& row) { return row.pairs > 0; }

bool is_notable(const RowComparison& row) {
  if (row.verdict != Verdict::same && row.verdict != Verdict::same_code) return true;
  return row.instructions && std::abs(*row.instructions - 1) > bench::Rule().instructions;
}

std::string reason_text(const RowComparison& row) {
  const std::string reason = printable(row.reason);
  return bench::is_single(row) ? reason + "; measured once, it does not count" : reason;
}

std::string interval_text(const RowComparison& row) {
  if (row.pairs < 2) return "";
  return fmt::format("{} to {}", change_text(row.ratio.low), change_text(row.ratio.high));
}

Table comparison_table(const Comparison& comparison) {
  Table table{
      "Benchmarks",
      "Times of one call; the change of the median with its 95% interval; the floor below which a change is none.",
      {{"verdict", Align::left},
       {"benchmark", Align::left},
       {"base"},
       {"new"},
       {"change"},
       {"interval"},
       {"floor"},
       {"p"},
       {"samples"},
       {"instructions"}},
      {}};
  for (const RowComparison& row : comparison.rows) table.rows.push_back(table_row(row));
  return table;
}

}  // namespace assay::reports
