// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "selftest/console.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "selftest/words.hpp"

namespace assay::selftest {
namespace {

constexpr std::size_t name_width = 34;
constexpr std::size_t line_width = 79;

/// `text` broken at spaces, each line indented by so much.
std::string wrapped(std::size_t indent, std::string_view text) {
  const std::string margin(indent, ' ');
  std::string out;
  std::string line;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && indent + line.size() + 1 + word.size() > line_width) {
      out += margin + line + "\n";
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  return out + margin + line + "\n";
}

std::string heading() {
  return fmt::format("{:<{}} measures of assay    usual\n{:<{}} t r c l b g R E X S  c n 3 5 {:<9} {}\n", "",
                     name_width, "mutant", name_width, " fate", "site");
}

std::string console_row(const MutantResult& result) {
  const bool required_in_first = !result.trials.empty() && result.trials.front().required();
  const std::string_view required = required_in_first ? "*" : result.required() ? "+" : " ";
  std::string text = fmt::format("{}{:<{}}", required, result.mutant.name, name_width - 1);
  for (const Sense sense : all_senses) text += fmt::format(" {}", mark(result, sense));
  text += " ";
  for (const Aggregate aggregate : all_aggregates) text += fmt::format(" {}", mark(result, aggregate));
  const Place where = place(result);
  const std::string_view site = where == Place::right ? "ok" : where == Place::right_injected ? "inj" : name(where);
  return text + fmt::format("  {:<8} {}\n", fate(result), site);
}

constexpr std::string_view legend =
    "* a logit changes by more than the noise, + in float64 only\n"
    "K noticed, k in float64 only, . not\n"
    "t tensor, r row, c column, l largest, b bias, g gauge: at the fault's site\n"
    "R routing, E end to end, X exact, S missing or misshaped\n"
    "usual, given every site: c cosine 0.99, n NMSE 1e-6, 3 5 allclose 1e-3 1e-5\n"
    "site: ok the first divergence is the fault's site, inj in an injected run only\n";

}  // namespace

std::string console_text(const KillMatrix& matrix, double seconds) {
  std::string text = heading();
  for (const MutantResult& result : matrix.results) text += console_row(result);
  text += "\n" + std::string(legend);
  if (const auto survivors = survivor_lines(matrix); !survivors.empty()) {
    text += "\nsurvivors\n";
    for (const std::string& line : survivors) text += wrapped(2, line);
  }
  if (const auto problems = problem_lines(matrix); !problems.empty()) {
    text += "\nnot as it must be\n";
    for (const std::string& line : problems) text += wrapped(2, line);
  }
  text += "\n";
  for (const std::string& line : total_lines(matrix)) text += line + "\n";
  return text + fmt::format("{} ({:.1f} s)\n", holds(matrix) ? "PASS" : "FAIL", seconds);
}

std::string list_text(std::span<const Mutant> mutants) {
  std::string text;
  for (const Mutant& mutant : mutants) {
    const std::string trap = mutant.trap == no_trap ? "" : fmt::format(", trap {}", mutant.trap);
    text += mutant.name + "\n" + wrapped(4, mutant.wrong) +
            wrapped(4, fmt::format("{}, {}{}", mutant.golden, to_string(mutant.site), trap));
  }
  return text;
}

}  // namespace assay::selftest
