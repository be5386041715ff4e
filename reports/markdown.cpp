// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "reports/facts.hpp"
#include "reports/figures.hpp"
#include "reports/text.hpp"

namespace assay::reports {
namespace {

using golden::CaseResult;
using golden::SiteResult;

/// A fence longer than any run of backticks in `text`.
std::string code_block(std::string_view text) {
  std::size_t longest = 2;
  std::size_t run = 0;
  for (const char character : text) {
    run = character == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  return fmt::format("{}sh\n{}\n{}\n", fence, text, fence);
}

std::string row(const CaseResult& result) {
  const SiteResult* const worst = worst_site(result);
  const std::string figures =
      worst == nullptr ? " | | "
                       : fmt::format("{} | {} | {}", markdown_text(used_text(used(*worst))),
                                     error_text(worst->metrics.rel_l2), markdown_text(short_place_text(*worst)));
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", name(result.verdict),
                     markdown_text(case_text(result)), markdown_text(engine_text(result)), name(result.mode),
                     result.sites.size(), figures, seconds_text(result.seconds), bytes_text(result.peak_rss_bytes));
}

/// Facts without a label go on with the one above.
std::string section(const CaseResult& result) {
  const std::vector<Fact> all = facts(result);
  if (all.empty()) return "";
  std::string text = fmt::format("\n### {} {} ({}, {})\n\n", name(result.verdict), markdown_text(case_text(result)),
                                 markdown_text(engine_text(result)), name(result.mode));
  for (const Fact& fact : all) {
    if (fact.label == "reproduce") {
      text += fmt::format("\nReproduce:\n\n{}", code_block(fact.text));
    } else if (fact.label.empty()) {
      text += fmt::format("  - {}\n", markdown_text(fact.text));
    } else {
      text += fmt::format("- {}: {}\n", markdown_text(fact.label), markdown_text(fact.text));
    }
  }
  return text;
}

}  // namespace

std::string markdown_text(std::string_view text) {
  std::string escaped;
  for (const char character : printable(text)) {
    if (character == '<') {
      escaped += "&lt;";
    } else if (character == '&') {
      escaped += "&amp;";
    } else {
      if (std::string_view("\\`*_[]|~").find(character) != std::string_view::npos) escaped += '\\';
      escaped += character;
    }
  }
  return escaped;
}

std::string to_markdown(const golden::Verification& verification) {
  std::string text = fmt::format("## assay verify: {}\n\n{} ({})\n", name(verdict_of(verification)),
                                 tally(verification), seconds_text(total_seconds(verification)));
  if (verification.results.empty()) return text;
  text += "\n| verdict | case | engine | mode | sites | of limit | rel\\_l2 | worst site | time | peak memory |\n";
  text += "|---|---|---|---|--:|--:|--:|---|--:|--:|\n";
  for (const CaseResult& result : verification.results) text += row(result);
  for (const CaseResult& result : verification.results) text += section(result);
  return text;
}

}  // namespace assay::reports
