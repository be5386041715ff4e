// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "reports/bench/html.hpp"
#include "reports/bench/pages/parts.hpp"
#include "reports/bench/quantities.hpp"
#include "reports/figures.hpp"
#include "reports/html/document.hpp"
#include "reports/html/grid.hpp"
#include "reports/html/markup.hpp"
#include "reports/json_values.hpp"
#include "reports/text.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;
using bench::History;
using bench::HistoryGroup;
using bench::Point;
using bench::Step;
using bench::Trend;
using Align = Grid::Column::Align;
using Texts = std::map<std::string, std::string>;

constexpr std::size_t commit_letters = 10;

/// "2026-11-26"
std::string day_text(const Point& point) { return point.date.substr(0, point.date.find('T')); }

/// By what a reader finds it: the commit, else the file.
std::string point_name(const Point& point) {
  return point.commit.empty() ? point.file : valid_utf8(point.commit).substr(0, commit_letters);
}

std::string_view tone_of(const Step& step) { return step.ratio > 1 ? "breaks" : "better"; }

/// "▲ +12.3%": a sign, a change and a colour.
std::string step_markup(const Step& step) {
  return fmt::format("<span class=\"verdict {}\"><span aria-hidden=\"true\">{}</span> {}</span>", tone_of(step),
                     step.ratio > 1 ? "\xE2\x96\xB2" : "\xE2\x96\xBC", change_text(step.ratio));
}

std::string anchor(std::size_t group, std::size_t row) { return fmt::format("trend-{}-{}", group + 1, row + 1); }

/// The keys whose values tell the groups apart.
std::set<std::string> distinguishing(const std::vector<HistoryGroup>& groups, Texts HistoryGroup::*texts) {
  std::set<std::string> keys;
  for (const HistoryGroup& group : groups) {
    for (const HistoryGroup& other : groups) {
      for (const auto& [key, value] : group.*texts) {
        const auto found = (other.*texts).find(key);
        if (found == (other.*texts).end() || found->second != value) keys.insert(key);
      }
    }
  }
  return keys;
}

/// "granite-3.0-1b-a400m, engine optimized, cpu AMD EPYC": the model and what tells the group from the others.
std::string group_name(const History& history, const HistoryGroup& group) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (const auto model = group.settings.find("model"); model != group.settings.end()) add(model->second);
  for (const auto texts : {&HistoryGroup::settings, &HistoryGroup::machine}) {
    for (const std::string& key : distinguishing(history.groups, texts)) {
      const auto found = (group.*texts).find(key);
      if (key != "model" && found != (group.*texts).end()) add(key + " " + found->second);
    }
  }
  return text.empty() ? "All results" : text;
}

struct Counts {
  std::size_t results = 0;
  std::size_t rows = 0;
  std::size_t slower = 0;
  std::size_t faster = 0;
};

Counts count(const History& history) {
  Counts counts;
  for (const HistoryGroup& group : history.groups) {
    counts.results += group.results;
    counts.rows += group.rows.size();
    for (const Trend& trend : group.rows) {
      for (const Step& step : trend.steps) ++(step.ratio > 1 ? counts.slower : counts.faster);
    }
  }
  return counts;
}

std::string tally(const Counts& counts) {
  std::string text = fmt::format("{}, {}", count_text(counts.results, "result"), count_text(counts.rows, "row"));
  if (counts.slower + counts.faster == 0) return text + ", no steps";
  text += fmt::format(", {}", count_text(counts.slower + counts.faster, "step"));
  if (counts.slower > 0) text += fmt::format(", {} slower", counts.slower);
  if (counts.faster > 0) text += fmt::format(", {} faster", counts.faster);
  return text;
}

struct PlacedStep {
  const Trend* trend = nullptr;
  const Step* step = nullptr;
  std::size_t group = 0;
  std::size_t row = 0;

  [[nodiscard]] const Point& point() const { return trend->points[step->place]; }
};

/// All steps, the latest first.
std::string steps_section(const History& history) {
  std::vector<PlacedStep> steps;
  for (std::size_t g = 0; g < history.groups.size(); ++g) {
    for (std::size_t r = 0; r < history.groups[g].rows.size(); ++r) {
      const Trend& trend = history.groups[g].rows[r];
      for (const Step& step : trend.steps) {
        if (step.place < trend.points.size()) steps.push_back({&trend, &step, g, r});
      }
    }
  }
  if (steps.empty()) return "";
  std::ranges::stable_sort(steps, [](const auto& a, const auto& b) { return a.point().date > b.point().date; });
  Grid grid{.noun = "steps", .hint = "commit, row, file"};
  grid.columns = {{.name = "change", .align = Align::left},
                  {.name = "since", .meaning = "the first result on the new level", .align = Align::left},
                  {.name = "commit", .align = Align::left},
                  {.name = "row", .align = Align::left},
                  {"p", "that there is no step (Welch's t-test)"},
                  {.name = "file", .align = Align::left}};
  const bool several = history.groups.size() > 1;
  if (several) grid.columns.push_back({.name = "of", .align = Align::left});
  for (const PlacedStep& placed : steps) {
    const Point& point = placed.point();
    Grid::Row row{.cells = {{step_markup(*placed.step), placed.step->ratio},
                            text_cell(day_text(point)),
                            text_cell(valid_utf8(point.commit).substr(0, commit_letters)),
                            {fmt::format("<a href=\"#{}\">{}</a>", anchor(placed.group, placed.row),
                                         html_text(placed.trend->name))},
                            number_cell(placed.step->p, probability_text(placed.step->p)),
                            text_cell(point.file)}};
    if (several) row.cells.push_back(text_cell(group_name(history, history.groups[placed.group])));
    grid.rows.push_back(std::move(row));
  }
  return section_markup("steps", "filtered", "Steps", "Where a level changed for good, the latest first.",
                        grid_filter(grid) + grid_table(grid));
}

json::object trend_data(const Trend& trend) {
  json::object data;
  json::array& points = data["points"].emplace_array();
  for (const Point& point : trend.points) {
    points.push_back(json::array{json_text(day_text(point)), json_text(point_name(point)),
                                 drawn_number(point.seconds, 5), drawn_number(point.low, 5),
                                 drawn_number(point.high, 5), point.samples, json_text(point.file)});
  }
  json::array& steps = data["steps"].emplace_array();
  for (const Step& step : trend.steps) {
    if (step.place >= trend.points.size()) continue;
    steps.push_back(
        json::array{step.place, drawn_number(step.ratio), change_text(step.ratio), probability_text(step.p)});
  }
  return data;
}

std::string trend_markup(const Trend& trend, const std::string& id) {
  std::string latest;
  if (!trend.points.empty()) latest = duration_text(trend.points.back().seconds);
  std::string marks;
  for (const Step& step : trend.steps) marks += " " + step_markup(step);
  return fmt::format(
      "<figure class=\"trend charts\" id=\"{}\">\n<figcaption><b>{}</b> {}{}</figcaption>\n{}{}</figure>\n", id,
      html_text(trend.name), html_text(latest), marks, chart_markup("trend", "Time of a call over the results"),
      chart_data_markup(trend_data(trend)));
}

std::string group_section(const History& history, std::size_t number) {
  const HistoryGroup& group = history.groups[number];
  std::string inside = "<div class=\"trends\">\n";
  for (std::size_t r = 0; r < group.rows.size(); ++r) inside += trend_markup(group.rows[r], anchor(number, r));
  inside += "</div>\n<details class=\"fold\"><summary>Machine and settings</summary>\n<h3>Machine</h3>\n" +
            list_markup({group.machine.begin(), group.machine.end()}) + "<h3>Settings</h3>\n" +
            list_markup({group.settings.begin(), group.settings.end()}) + "</details>\n";
  return section_markup(fmt::format("group-{}", number + 1), "group", group_name(history, group),
                        count_text(group.results, "result"), inside);
}

/// Filters the charts of all groups.
std::string filter_section(const Counts& counts) {
  if (counts.rows < 2) return "";
  return section_markup(
      "trends", "finder", "Trends",
      "The time of a call of each row, one dot a result with the 95% interval of its median; below is faster. Lines "
      "are "
      "levels; where one ends stands the commit of the first result on the next.",
      "<p class=\"filter\"><label>Filter <input type=\"search\" placeholder=\"row, machine, setting\"></label> "
      "<label><input type=\"checkbox\"> only those with steps</label> <span class=\"quiet\" role=\"status\" "
      "data-noun=\"rows\"></span></p>\n");
}

}  // namespace

std::string history_page(const History& history, std::string_view program) {
  const Counts counts = count(history);
  std::string header = fmt::format("<header>\n<h1>History</h1>\n<p class=\"tally\">{}</p>\n", html_text(tally(counts)));
  if (!history.folder.empty())
    header += fmt::format("<p class=\"quiet\">stored in {}</p>\n", html_text(history.folder));
  header += "</header>\n" + warnings_markup(history.warnings);
  std::string sections = steps_section(history) + filter_section(counts);
  for (std::size_t g = 0; g < history.groups.size(); ++g) sections += group_section(history, g);
  if (counts.rows == 0) sections += section_markup("absent", "", "No rows", "No result has a row that counts.", "");
  return html_document(fmt::format("History: {}", tally(counts)), header, sections, program);
}

}  // namespace assay::reports
