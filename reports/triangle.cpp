// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/triangle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string_view>

#include "golden/judge/triangle.hpp"
#include "reports/facts.hpp"
#include "reports/figures.hpp"
#include "reports/json_values.hpp"
#include "reports/markdown.hpp"
#include "reports/text.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;
using golden::Leg;
using golden::Reading;
using golden::SiteResult;
using golden::Triangle;

constexpr std::size_t width = 80;
constexpr std::size_t case_width = 30;
constexpr std::size_t reading_column = 55;
constexpr std::size_t indent = 4;

std::string case_text_of(const Triangle& triangle) {
  golden::CaseResult named;
  named.golden = triangle.golden;
  named.case_name = triangle.case_name;
  return case_text(named);
}

/// "ok 12%": with the largest share of a limit.
std::string between_text(const Triangle& triangle) {
  double most = 0;
  for (const SiteResult& site : triangle.sites) most = std::max(most, used(site));
  return std::string(name(triangle.between)) + (triangle.sites.empty() ? "" : " " + used_text(most));
}

std::string figures_text(const SiteResult& site) {
  return fmt::format("{}: rel_l2 {}, limit {}; max_abs {}, limit {}", place_text(site), error_text(site.metrics.rel_l2),
                     error_text(site.limit_rel_l2), error_text(site.metrics.max_abs), error_text(site.limit_max_abs));
}

bool is_quiet(const Triangle& triangle) { return triangle.reading == Reading::healthy; }

std::string row(const Triangle& triangle) {
  std::string text = fmt::format("{:<{}} {:<7}{:<7}{:<10}", shorten(case_text_of(triangle), case_width), case_width,
                                 name(triangle.reference), name(triangle.optimized), between_text(triangle));
  std::size_t at = 0;
  for (const std::string& line : wrap(name(triangle.reading), width - reading_column)) {
    text += fmt::format("{:{}}{}\n", "", at, line);
    at = reading_column;
  }
  for (const std::string& hint : triangle_hints(triangle)) {
    for (const std::string& line : wrap(hint, width - indent)) text += fmt::format("{:{}}{}\n", "", indent, line);
  }
  return text;
}

json::value leg_value(Leg leg) { return leg == Leg::unknown ? json::value() : json::value(name(leg)); }

json::value difference_value(const SiteResult* site) {
  if (site == nullptr) return nullptr;
  json::object object;
  object["call"] = site->call.value;
  object["layer"] = site->layer ? json::value(site->layer->value) : json::value();
  object["site"] = name(site->site);
  object["index"] = json::array(site->metrics.worst_index.begin(), site->metrics.worst_index.end());
  object["reference"] = json_number(site->metrics.expected);
  object["optimized"] = json_number(site->metrics.actual);
  object["max_abs"] = json_number(site->metrics.max_abs);
  object["rel_l2"] = json_number(site->metrics.rel_l2);
  object["limit_max_abs"] = json_number(site->limit_max_abs);
  object["limit_rel_l2"] = json_number(site->limit_rel_l2);
  return object;
}

}  // namespace

std::vector<std::string> triangle_hints(const Triangle& triangle) {
  std::vector<std::string> hints;
  if (is_quiet(triangle)) return hints;
  if (triangle.reading == Reading::shared_noun) {
    hints.emplace_back("look for a config field, a weight name, a misread rule, a stale golden");
  }
  if (triangle.reading == Reading::none) hints.emplace_back("an engine compared nothing: see its own lines");
  if (triangle.reference_divergence) hints.push_back("reference: " + place_text(*triangle.reference_divergence));
  if (triangle.optimized_divergence) hints.push_back("optimized: " + place_text(*triangle.optimized_divergence));
  if (const SiteResult* first = triangle.first_difference()) hints.push_back("ref~opt: " + figures_text(*first));
  return hints;
}

std::string triangle_table(const std::vector<Triangle>& triangles, Style style) {
  std::string rows;
  for (const Triangle& triangle : triangles) {
    if (style.show == Show::all || !is_quiet(triangle)) rows += row(triangle);
  }
  if (rows.empty()) return "";
  const std::string run = fmt::format("triangle f32, {}", name(triangles.front().mode));
  const std::string heading =
      fmt::format("{:<{}} {:<7}{:<7}{:<10}{}", run, case_width, "ref~HF", "opt~HF", "ref~opt", "reading");
  return "\n" + (style.colour == Colour::always ? "\x1b[1m" + heading + "\x1b[0m" : heading) + "\n" + rows;
}

std::string triangle_markdown(const std::vector<Triangle>& triangles) {
  if (triangles.empty()) return "";
  std::string text = "\n| case | ref\\~HF | opt\\~HF | ref\\~opt | reading |\n|---|---|---|---|---|\n";
  for (const Triangle& triangle : triangles) {
    std::string reading(name(triangle.reading));
    for (const std::string& hint : triangle_hints(triangle)) reading += "; " + hint;
    text += fmt::format("| {} | {} | {} | {} | {} |\n", markdown_text(case_text_of(triangle)), name(triangle.reference),
                        name(triangle.optimized), between_text(triangle), markdown_text(reading));
  }
  return text;
}

json::array triangle_json(const std::vector<Triangle>& triangles) {
  json::array array;
  for (const Triangle& triangle : triangles) {
    json::object object;
    object["golden"] = valid_utf8(triangle.golden);
    object["case"] = valid_utf8(triangle.case_name);
    object["mode"] = name(triangle.mode);
    object["ref_hf"] = leg_value(triangle.reference);
    object["opt_hf"] = leg_value(triangle.optimized);
    object["ref_opt"] = leg_value(triangle.between);
    object["reading"] = name(triangle.reading);
    object["sites"] = triangle.sites.size();
    object["first_difference"] = difference_value(triangle.first_difference());
    array.push_back(std::move(object));
  }
  return array;
}

}  // namespace assay::reports
