// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/html/overview.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "golden/judge/triangle.hpp"
#include "reports/facts.hpp"
#include "reports/figures.hpp"
#include "reports/html/markup.hpp"
#include "reports/triangle.hpp"

namespace assay::reports {
namespace {

using golden::CaseResult;
using golden::Leg;
using golden::Reading;
using golden::SiteResult;
using golden::Triangle;

/// An edge of the drawing over all goldens.
struct Edge {
  std::size_t holds = 0;
  std::size_t breaks = 0;
  std::size_t unknown = 0;

  void count(Leg leg) { ++(leg == Leg::holds ? holds : leg == Leg::breaks ? breaks : unknown); }

  [[nodiscard]] std::string_view tone() const { return breaks > 0 ? "breaks" : holds > 0 ? "holds" : "unknown"; }

  [[nodiscard]] std::string text() const {
    if (holds + breaks + unknown == 1) return holds == 1 ? "agree" : breaks == 1 ? "differ" : "not compared";
    std::string words = fmt::format("{} agree", holds);
    if (breaks > 0) words += fmt::format(", {} differ", breaks);
    if (unknown > 0) words += fmt::format(", {} not compared", unknown);
    return words;
  }
};

std::string line(const Edge& edge, std::array<int, 4> ends) {
  return fmt::format("<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n", edge.tone(), ends[0], ends[1],
                     ends[2], ends[3]);
}

std::string label(std::string_view text, std::string_view anchor, int x, int y, std::string_view of_class) {
  return fmt::format("<text class=\"{}\" text-anchor=\"{}\" x=\"{}\" y=\"{}\">{}</text>\n", of_class, anchor, x, y,
                     text);
}

/// Edges that break are dashed as well as coloured.
std::string drawing(const Edge& reference, const Edge& optimized, const Edge& between) {
  return "<svg class=\"triangle\" viewBox=\"0 0 560 190\" role=\"img\" "
         "aria-label=\"Which of transformers, reference and optimized agree\">\n" +
         line(reference, {262, 38, 142, 146}) + line(optimized, {298, 38, 418, 146}) +
         line(between, {188, 164, 368, 164}) + label("transformers", "middle", 280, 26, "node") +
         label("reference", "middle", 130, 169, "node") + label("optimized", "middle", 430, 169, "node") +
         label(reference.text(), "end", 186, 94, reference.tone()) +
         label(optimized.text(), "start", 374, 94, optimized.tone()) +
         label(between.text(), "middle", 280, 154, between.tone()) + "</svg>\n";
}

/// The goldens with something to say.
Table readings(const std::vector<Triangle>& triangles) {
  using Align = Table::Column::Align;
  Table table{"Where they part",
              "What the pattern says, and where each engine first differs.",
              {{"case", Align::left},
               {"ref~HF", Align::left},
               {"opt~HF", Align::left},
               {"ref~opt", Align::left},
               {"reading", Align::left}},
              {}};
  for (const Triangle& triangle : triangles) {
    if (triangle.reading == Reading::healthy) continue;
    CaseResult named;
    named.golden = triangle.golden;
    named.case_name = triangle.case_name;
    std::string reading(name(triangle.reading));
    for (const std::string& hint : triangle_hints(triangle)) reading += "; " + hint;
    table.rows.push_back({{case_text(named), std::string(name(triangle.reference)),
                           std::string(name(triangle.optimized)), std::string(name(triangle.between)), reading},
                          triangle.reading == Reading::none ? Table::Row::Tone::noted : Table::Row::Tone::wrong});
  }
  return table;
}

std::string case_row(const CaseResult& result, std::size_t number) {
  const SiteResult* const worst = worst_site(result);
  const std::optional<double> digits = verified_digits(result);
  const golden::NoiseRatio* const ratio = worst == nullptr ? nullptr : worst_ratio(*worst);
  std::string text =
      fmt::format("<tr data-tone=\"{}\"><td>{}</td><td><a href=\"#case-{}\">{}</a></td><td>{}</td><td>{}</td>",
                  tone_of(result.verdict), verdict_markup(result.verdict), number, html_text(case_text(result)),
                  html_text(engine_text(result)), html_text(mode_text(result)));
  const std::array cells{fmt::to_string(result.sites.size()), digits ? digits_text(*digits) : "",
                         case_headroom_text(result), ratio == nullptr ? "" : ratio_text(*ratio)};
  for (const std::string& cell : cells) text += fmt::format("<td class=\"n\">{}</td>", html_text(cell));
  const SiteResult* const decides = deciding_site(result);
  const SiteResult* const named = decides != nullptr ? decides : worst;
  text += fmt::format("<td>{}</td><td class=\"n\">{}</td></tr>\n",
                      named == nullptr ? "" : html_text(short_place_text(*named)), seconds_text(result.seconds));
  return text;
}

}  // namespace

std::string overview_header(const golden::Verification& verification) {
  std::string figures = seconds_text(total_seconds(verification));
  const std::string memory = peak_memory_text(verification);
  if (!memory.empty()) figures += ", " + memory;
  return fmt::format("<header>\n<h1>{}</h1>\n<p class=\"tally\">{}</p>\n<p class=\"quiet\">{}</p>\n</header>\n",
                     verdict_markup(verdict_of(verification)), html_text(tally(verification)), html_text(figures));
}

std::string triangle_section(const std::vector<Triangle>& triangles) {
  std::string text = "<section id=\"triangle\">\n<h2>Three witnesses</h2>\n";
  if (triangles.empty()) {
    return text +
           "<p class=\"meaning\">One engine ran. With both (--engine all) the triangle reference, optimized, "
           "transformers is drawn here.</p>\n</section>\n";
  }
  Edge reference;
  Edge optimized;
  Edge between;
  for (const Triangle& triangle : triangles) {
    reference.count(triangle.reference);
    optimized.count(triangle.optimized);
    between.count(triangle.between);
  }
  return text + drawing(reference, optimized, between) + table_markup(readings(triangles)) + "</section>\n";
}

std::string case_overview(const std::vector<CaseResult>& results) {
  if (results.size() < 2) return "";
  std::string text =
      "<section id=\"cases\" class=\"filtered\">\n<h2>Cases</h2>\n<p class=\"filter\"><label>Filter "
      "<input type=\"search\" id=\"filter\" placeholder=\"case, engine, site, verdict\"></label> "
      "<label><input type=\"checkbox\" id=\"attention\"> only those that do not plainly pass</label> <span "
      "id=\"shown\" class=\"quiet\" role=\"status\" "
      "data-noun=\"cases\"></span></p>\n"
      "<div class=\"scroll\"><table id=\"overview\">\n<thead><tr><th>verdict</th><th>case</th><th>engine</th>"
      "<th>mode</th><th class=\"n\">sites</th><th class=\"n\">digits</th><th class=\"n\">headroom</th>"
      "<th class=\"n\">noise</th><th>worst site</th><th class=\"n\">time</th></tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < results.size(); ++i) text += case_row(results[i], i + 1);
  return text + "</tbody></table></div>\n</section>\n";
}

}  // namespace assay::reports
