// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "selftest/markdown.hpp"

#include <fmt/format.h>

#include <sstream>

#include "selftest/words.hpp"

namespace assay::selftest {
namespace {

constexpr std::string_view opening =
    "# The kill matrix\n\n"
    "Written by `assay selftest --markdown docs/kill-matrix.md`; a test holds it against a run. Each mutant is the\n"
    "scalar engine with one thing wrong, on a committed golden that shows it. It is run free, injected and without a\n"
    "judge, in float32 and in float64. One that changes a logit by more than the noise (what the judge lets a right\n"
    "engine's logits be off) must be killed, and 95 % of the kills must name the site where the fault is. The same\n"
    "runs with nothing wrong must be green.\n\n"
    "**K**: noticed in float32; **k**: in float64 only. Tensor, row, column, largest, bias, gauge, exact and shape\n"
    "are what is wrong at the fault's site; routing and end to end are of the whole run. Beside them what harnesses\n"
    "usually ask, given every site of the right shape: cosine, NMSE, and allclose with rtol = atol = 1e-3 and 1e-5. A\n"
    "trap is a number of the list of misreadings that the project started from; 37, tokens compared whose router gap\n"
    "is below the noise, is one of a judge and not of an engine: such a token is a TIE. Site: whether the first\n"
    "divergence is where the fault is. Required: the precisions in which a logit changes by more than the noise. Fate: "
    "`f64 only`\n"
    "survives in float32.\n\n";

/// The precisions in which the mutant must be killed: "f32 f64".
std::string required_in(const MutantResult& result) {
  std::string text;
  for (const Trial& trial : result.trials) {
    if (trial.required()) text += (text.empty() ? "" : " ") + std::string(assay::name(trial.precision));
  }
  return text;
}

std::string mark_cell(std::string_view mark) { return fmt::format(" {} |", mark == "." ? "" : mark); }

std::string table_row(const MutantResult& result) {
  const Mutant& mutant = result.mutant;
  std::string text =
      fmt::format("| `{}` | {} | {} | {} | {} |", mutant.name, mutant.wrong,
                  mutant.trap == no_trap ? "" : std::to_string(mutant.trap), mutant.golden, to_string(mutant.site));
  for (const Sense sense : all_senses) text += mark_cell(mark(result, sense));
  for (const Aggregate aggregate : all_aggregates) text += mark_cell(mark(result, aggregate));
  return text + fmt::format(" {} | {} | {} |\n", required_in(result), fate(result), name(place(result)));
}

std::string table(const KillMatrix& matrix) {
  std::string head = "| mutant | what is wrong | trap | golden | site of the fault |";
  std::string rule = "|---|---|---|---|---|";
  const auto column = [&](std::string_view title) {
    head += fmt::format(" {} |", title);
    rule += "---|";
  };
  for (const Sense sense : all_senses) column(name(sense));
  for (const Aggregate aggregate : all_aggregates) column(name(aggregate));
  for (const char* title : {"required", "fate", "site"}) column(title);
  std::string text = head + "\n" + rule + "\n";
  for (const MutantResult& result : matrix.results) text += table_row(result);
  return text;
}

/// How many mutants each aggregate and each sense noticed.
std::string tally(const KillMatrix& matrix) {
  std::string text = "## Who notices how many\n\n| | mutants |\n|---|---|\n";
  const auto line = [&](std::string_view title, auto what) {
    std::size_t count = 0;
    for (const MutantResult& result : matrix.results) {
      if (mark(result, what) == "K") ++count;
    }
    text += fmt::format("| {} | {} of {} |\n", title, count, matrix.results.size());
  };
  for (const Sense sense : all_senses) line(name(sense), sense);
  for (const Aggregate aggregate : all_aggregates) line(name(aggregate), aggregate);
  return text + "\n";
}

std::string list(std::string_view title, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string text = fmt::format("## {}\n\n", title);
  for (const std::string& line : lines) text += "- " + line + "\n";
  return text + "\n";
}

}  // namespace

std::string markdown(const KillMatrix& matrix) {
  std::string text(opening);
  text += fmt::format("**{}**\n\n", holds(matrix) ? "PASS" : "FAIL");
  for (const std::string& line : total_lines(matrix)) text += "- " + line + "\n";
  text += "\n" + list("Survivors", survivor_lines(matrix)) + list("Not as it must be", problem_lines(matrix)) +
          tally(matrix) + "## All mutants\n\n" + table(matrix);
  return text;
}

std::vector<PageRow> rows_of_page(const std::string& page) {
  std::vector<PageRow> rows;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    std::vector<std::string> cells;
    std::istringstream parts(line.substr(2));
    for (std::string cell; std::getline(parts, cell, '|');) {
      const std::size_t first = cell.find_first_not_of(' ');
      const std::size_t last = cell.find_last_not_of(' ');
      cells.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
    }
    if (cells.size() < 4) continue;
    const std::string name = cells.front().substr(1, cells.front().size() - 2);
    rows.push_back({name, cells[cells.size() - 3], cells[cells.size() - 2]});
  }
  return rows;
}

}  // namespace assay::selftest
