// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "reports/facts.hpp"
#include "reports/html/assets.hpp"
#include "reports/html/html.hpp"
#include "reports/html/markup.hpp"
#include "reports/html/overview.hpp"
#include "reports/html/section.hpp"

namespace assay::reports {
namespace {

using golden::CaseResult;
using golden::Verdict;

/// The case that a reader came for: the first that does not hold, else the only one; none of several that hold.
std::size_t first_to_open(const std::vector<CaseResult>& results) {
  const auto broken = std::ranges::find_if(
      results, [](const CaseResult& result) { return golden::exit_code(result.verdict) != 0; });
  if (broken != results.end()) return static_cast<std::size_t>(broken - results.begin());
  return results.size() == 1 ? 0 : results.size();
}

std::string sections(const golden::Verification& verification) {
  std::string text = "<section id=\"details\">\n<h2>Details</h2>\n";
  const std::size_t open = first_to_open(verification.results);
  for (std::size_t i = 0; i < verification.results.size(); ++i) {
    const auto provenance = verification.provenance.find(verification.results[i].golden);
    text += case_section(verification.results[i], i + 1, i == open ? Section::open : Section::closed,
                         provenance == verification.provenance.end() ? "" : std::string_view(provenance->second));
  }
  return text + "</section>\n";
}

std::string program_section(std::string_view program) {
  std::string lines;
  while (!program.empty()) {
    const std::string_view line = program.substr(0, program.find('\n'));
    lines += html_text(line) + "\n";
    program.remove_prefix(std::min(line.size() + 1, program.size()));
  }
  return fmt::format("<section id=\"program\">\n<h2>Program</h2>\n<pre>{}</pre>\n</section>\n", lines);
}

}  // namespace

bool can_draw_charts() { return !chart_script().empty(); }

std::string to_html(const golden::Verification& verification, std::string_view program) {
  const Verdict verdict = verdict_of(verification);
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}: {}</title>\n"
      "<style>\n{}</style>\n</head>\n<body>\n",
      name(verdict), html_text(tally(verification)), page_style());
  text += overview_header(verification) + "<main>\n" + triangle_section(verification.triangles) +
          case_overview(verification.results) + sections(verification) + program_section(program) + "</main>\n";
  // Behind the text: a reader need not wait for the scripts.
  text += fmt::format("<script>\n{}</script>\n<script>\n{}</script>\n</body>\n</html>\n", chart_script(),
                      page_script());
  return text;
}

}  // namespace assay::reports
