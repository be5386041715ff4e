// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/bench/history_console.hpp"

#include <fmt/format.h>

#include <string_view>

#include "reports/bench/quantities.hpp"
#include "reports/figures.hpp"
#include "reports/terminal.hpp"
#include "reports/text.hpp"

namespace assay::reports {
namespace {

constexpr std::size_t trend_width = 41;

/// "cpu A, cores 2; engine optimized, threads 2"
std::string conditions(const bench::HistoryGroup& group) {
  std::string text;
  for (const auto* const texts : {&group.machine, &group.settings}) {
    std::string_view separator = text.empty() ? "" : "; ";
    for (const auto& [key, value] : *texts) {
      text += fmt::format("{}{} {}", separator, printable(key), printable(value));
      separator = ", ";
    }
  }
  return text.empty() ? "machine and settings unknown" : text;
}

std::string step_line(const bench::Trend& trend, const bench::Step& step, Style style) {
  const bench::Point& point = trend.points[step.place];
  const std::string commit = point.commit.empty() ? "" : fmt::format(", commit {}", printable(point.commit));
  const std::string text = fmt::format("step of {} at {}{} ({}), p {}", change_text(step.ratio), printable(point.date),
                                       commit, printable(point.file), probability_text(step.p));
  std::string lines = wrapped(text, 4);
  lines.pop_back();
  return paint(lines, step.ratio > 1 ? "31" : "32", style.colour) + "\n";
}

std::string trend_lines(const bench::Trend& trend, Style style) {
  const std::string name = shorten(printable(trend.name), trend_width);
  const double first = trend.points.front().seconds;
  const double last = trend.points.back().seconds;
  std::string text = fmt::format(
      "{}{} {:>7} {:>7} {:>7} {:>7} {:>5}\n", name, std::string(trend_width - columns(name), ' '), trend.points.size(),
      duration_text(first), duration_text(last), change_text(last / first), trend.steps.size());
  for (const bench::Step& step : trend.steps) text += step_line(trend, step, style);
  return text;
}

}  // namespace

std::string history_console(const bench::History& history, Style style) {
  std::string text;
  for (const std::string& warning : history.warnings) text += wrapped("warning: " + printable(warning));
  for (const bench::HistoryGroup& group : history.groups) {
    text += (text.empty() ? "" : "\n") + wrapped(conditions(group));
    text += paint(fmt::format("{:<{}} {:>7} {:>7} {:>7} {:>7} {:>5}", "benchmark", trend_width, "results", "first",
                              "last", "change", "steps"),
                  "1", style.colour) +
            "\n";
    for (const bench::Trend& trend : group.rows) text += trend_lines(trend, style);
  }
  return text;
}

}  // namespace assay::reports
