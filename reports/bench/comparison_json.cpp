// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/bench/comparison_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>

#include "model/files/json.hpp"
#include "reports/bench/comparison_facts.hpp"
#include "reports/json_values.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;

using bench::RowComparison;

json::object side_of(const bench::Side& side) {
  return {{"file", json_text(side.file)},
          {"date", json_text(side.date)},
          {"program", json_text(side.program)},
          {"commit", json_text(side.commit)}};
}

json::value ratio_of(const bench::Ratio& ratio) {
  return json::object{
      {"median", json_number(ratio.median)}, {"low", json_number(ratio.low)}, {"high", json_number(ratio.high)}};
}

json::array texts_of(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.push_back(json_text(text));
  return array;
}

json::object members_of(const std::map<std::string, std::string>& texts) {
  json::object object;
  for (const auto& [key, text] : texts) object[key] = json_text(text);
  return object;
}

json::object row_of(const RowComparison& row) {
  const auto figure = [&](double number) { return has_figures(row) ? json_number(number) : json::value(); };
  json::object object;
  object["name"] = json_text(row.name);
  object["verdict"] = bench::name(row.verdict);
  object["reason"] = json_text(row.reason);
  object["paired"] = row.paired;
  object["pairs"] = row.pairs;
  object["base_seconds"] = figure(row.base_seconds);
  object["new_seconds"] = figure(row.new_seconds);
  object["ratio"] = has_figures(row) ? ratio_of(row.ratio) : json::value();
  object["control"] = row.control ? ratio_of(*row.control) : json::value();
  object["floor"] = figure(row.floor);
  object["p"] = figure(row.p);
  object["adjusted_p"] = figure(row.adjusted_p);
  object["instructions"] = row.instructions ? json_number(*row.instructions) : json::value();
  return object;
}

json::object trend_of(const bench::Trend& trend) {
  json::array points;
  for (const bench::Point& point : trend.points) {
    points.push_back(json::object{{"date", json_text(point.date)},
                                  {"commit", json_text(point.commit)},
                                  {"file", json_text(point.file)},
                                  {"seconds", json_number(point.seconds)},
                                  {"low", json_number(point.low)},
                                  {"high", json_number(point.high)},
                                  {"samples", point.samples}});
  }
  json::array steps;
  for (const bench::Step& step : trend.steps) {
    steps.push_back(
        json::object{{"place", step.place}, {"ratio", json_number(step.ratio)}, {"p", json_number(step.p)}});
  }
  return {{"name", json_text(trend.name)}, {"points", std::move(points)}, {"steps", std::move(steps)}};
}

}  // namespace

std::string comparison_json(const bench::Comparison& comparison) {
  json::array rows;
  for (const RowComparison& row : comparison.rows) rows.push_back(row_of(row));
  json::object document;
  document["schema"] = "assay.comparison/1";
  document["verdict"] = bench::name(verdict_of(comparison));
  document["base"] = side_of(comparison.base);
  document["new"] = side_of(comparison.fresh);
  document["warnings"] = texts_of(comparison.warnings);
  document["rows"] = std::move(rows);
  return pretty_json(document);
}

std::string history_json(const bench::History& history) {
  json::array groups;
  for (const bench::HistoryGroup& group : history.groups) {
    json::array rows;
    for (const bench::Trend& trend : group.rows) rows.push_back(trend_of(trend));
    groups.push_back(json::object{{"machine", members_of(group.machine)},
                                  {"settings", members_of(group.settings)},
                                  {"results", group.results},
                                  {"rows", std::move(rows)}});
  }
  json::object document;
  document["schema"] = "assay.history/1";
  document["folder"] = json_text(history.folder);
  document["warnings"] = texts_of(history.warnings);
  document["groups"] = std::move(groups);
  return pretty_json(document);
}

}  // namespace assay::reports
