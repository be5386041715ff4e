// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/html/section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "reports/facts.hpp"
#include "reports/figures.hpp"
#include "reports/html/charts.hpp"
#include "reports/html/markup.hpp"
#include "reports/tables.hpp"

namespace assay::reports {
namespace {

using golden::CaseResult;
using golden::SiteResult;

constexpr std::size_t least_sites = 12;
constexpr std::size_t most_sites = 100;

std::string summary_line(const CaseResult& result) {
  std::string text = fmt::format("<summary>{} <span class=\"name\">{}</span> <span class=\"quiet\">{}, {}</span>",
                                 verdict_markup(result.verdict), html_text(case_text(result)),
                                 html_text(engine_text(result)), html_text(mode_text(result)));
  const std::string line = headline(result);
  if (!line.empty()) text += fmt::format("<span class=\"headline\">{}</span>", html_text(line));
  return text + "</summary>\n";
}

using Entries = std::vector<std::pair<std::string, std::string>>;

std::string facts_markup(const CaseResult& result) {
  Entries entries;
  for (const Fact& fact : facts(result)) {
    if (fact.label != "reproduce") entries.emplace_back(fact.label, fact.text);
  }
  std::string text = entries.empty() ? "" : list_markup(entries);
  const std::string command = reproduce_text(result);
  if (!command.empty()) {
    text += fmt::format("<p class=\"meaning\">Reproduce just that:</p>\n<pre class=\"command\">{}</pre>\n",
                        html_text(command));
  }
  return text;
}

/// Empty places that the scripts draw into, and what it draws.
std::string charts_markup(const CaseResult& result) {
  bool compared = false;
  std::set<LayerIndex> layers;
  for (const SiteResult& site : result.sites) {
    compared = compared || was_compared(site);
    if (site.site == Site::layer_out && was_compared(site)) layers.insert(site.layer.value_or(LayerIndex{}));
  }
  if (!compared) return "";
  std::string text =
      figure_markup("map", "Noise by layer and site",
                    "How much of its limit each site used: the largest of its noise ratios against their gates "
                    "and its errors against their limits, worst of all calls. Signs mark what does not plainly "
                    "pass; point at a cell for its figures.");
  if (layers.size() > 1) {
    text +=
        figure_markup("growth", "Error over the layers",
                      "Relative error of what leaves each layer (layer_out, worst of all calls) and what it may be.");
  }
  if (!result.layers.empty()) {
    text += figure_markup(
        "ledger", "Own and inherited error",
        "Shares of the limits: into the layer, out of it, and of its own when its inputs are right; worst "
        "of all calls.");
  }
  text += figure_markup(
      "histograms", "Errors of the worst sites",
      "Elements by the size of their error in units of the limit, in steps of four; right of the line they "
      "are beyond it.");
  return text + chart_data_markup(chart_data(result));
}

std::string provenance_markup(const CaseResult& result, std::string_view provenance) {
  Entries entries{{"golden", result.golden},
                  {"model type", result.model_type},
                  {"engine", engine_text(result)},
                  {"mode", mode_text(result)},
                  {"witness", std::string(name(result.witness))},
                  {"sites", fmt::to_string(result.sites.size())}};
  if (!result.not_provided.empty()) entries.emplace_back("", not_provided_text(result.engine, result.not_provided));
  if (!result.not_recorded.empty()) entries.emplace_back("", not_recorded_text(result));
  entries.emplace_back("time", seconds_text(result.seconds));
  if (result.peak_rss_bytes > 0) {
    entries.emplace_back("memory", fmt::format("peak {}, {} allocated", bytes_text(result.peak_rss_bytes),
                                               bytes_text(result.peak_anonymous_bytes)));
  }
  std::string text = "<h3>Provenance</h3>\n" + list_markup(entries);
  if (provenance.empty()) return text;
  return text + fmt::format("<details><summary>As the golden has it</summary><pre>{}</pre></details>\n",
                            html_lines(provenance));
}

}  // namespace

std::string case_section(const CaseResult& result, std::size_t number, Section section, std::string_view provenance) {
  std::string text = fmt::format("<details class=\"case charts\" id=\"case-{}\"{}>\n", number,
                                 section == Section::open ? " open" : "");
  text += summary_line(result) + "<div class=\"inside\">\n" + facts_markup(result) + charts_markup(result);
  for (const Table& table : {routing_table(result), decision_table(result), end_to_end_table(result),
                             layer_ledger(result), site_table(result, least_sites, most_sites)}) {
    text += table_markup(table);
  }
  return text + provenance_markup(result, provenance) + "</div>\n</details>\n";
}

}  // namespace assay::reports
