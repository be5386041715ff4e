// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "reports/facts.hpp"
#include "reports/html/document.hpp"
#include "reports/html/html.hpp"
#include "reports/html/overview.hpp"
#include "reports/html/section.hpp"

namespace assay::reports {
namespace {

using golden::CaseResult;

/// The case that a reader came for: the first that does not hold, else the only one; none of several that hold.
std::size_t first_to_open(const std::vector<CaseResult>& results) {
  const auto broken =
      std::ranges::find_if(results, [](const CaseResult& result) { return golden::exit_code(result.verdict) != 0; });
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

}  // namespace

std::string to_html(const golden::Verification& verification, std::string_view program) {
  return html_document(
      fmt::format("{}: {}", name(verdict_of(verification)), tally(verification)), overview_header(verification),
      triangle_section(verification.triangles) + case_overview(verification.results) + sections(verification), program);
}

}  // namespace assay::reports
