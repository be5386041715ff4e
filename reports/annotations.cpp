// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/annotations.hpp"

#include <fmt/format.h>

#include "reports/facts.hpp"
#include "reports/text.hpp"

namespace assay::reports {
namespace {

using golden::CaseResult;
using golden::Verdict;

/// The escapes are those of escapeData and escapeProperty in actions/toolkit, packages/core/src/command.ts.
std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char character : valid_utf8(text)) {
    if (special.find(character) == std::string_view::npos) {
      out += character;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(character));
    }
  }
  return out;
}

std::string_view command_of(Verdict verdict) {
  if (verdict == Verdict::tie) return "notice";
  return verdict == Verdict::marginal ? "warning" : "error";
}

}  // namespace

std::string annotation_message(std::string_view text) { return escaped(text, "%\r\n"); }

std::string annotation_property(std::string_view text) { return escaped(text, "%\r\n:,"); }

std::string github_annotations(const golden::Verification& verification) {
  std::string lines;
  for (const CaseResult& result : verification.results) {
    if (result.verdict == Verdict::pass) continue;
    const std::string title =
        fmt::format("{} {} ({}, {})", name(result.verdict), case_text(result), engine_text(result), mode_text(result));
    std::string text = facts_text(result);
    while (text.ends_with('\n')) text.pop_back();
    lines += fmt::format("::{} file={},title={}::{}\n", command_of(result.verdict),
                         annotation_property(printable(result.golden)), annotation_property(title),
                         annotation_message(headline(result) + "\n" + text));
  }
  return lines;
}

}  // namespace assay::reports
