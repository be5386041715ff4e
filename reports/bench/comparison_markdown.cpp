// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/bench/comparison_markdown.hpp"

#include <fmt/format.h>

#include "reports/bench/comparison_facts.hpp"
#include "reports/markdown.hpp"
#include "reports/text_table.hpp"

namespace assay::reports {

std::string comparison_markdown(const bench::Comparison& comparison) {
  std::string text =
      fmt::format("## assay report: {}\n\n{}\n\n", bench::name(verdict_of(comparison)), tally(comparison));
  text += fmt::format("- base: {}\n- new: {}\n- {}\n", markdown_text(side_text(comparison.base)),
                      markdown_text(side_text(comparison.fresh)), markdown_text(sampling_text(comparison)));
  for (const std::string& warning : comparison.warnings) {
    text += fmt::format("- **warning**: {}\n", markdown_text(warning));
  }
  const Table table = comparison_table(comparison);
  text += "\n" + markdown_table(table);
  std::string reasons;
  for (const bench::RowComparison& row : comparison.rows) {
    if (!is_notable(row)) continue;
    reasons += fmt::format("- {} {}: {}\n", bench::name(row.verdict), markdown_text(row.name),
                           markdown_text(reason_text(row)));
  }
  if (!reasons.empty()) text += "\n" + reasons;
  return text + fmt::format("\n{}\n", markdown_text(table.meaning));
}

}  // namespace assay::reports
