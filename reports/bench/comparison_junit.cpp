// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/bench/comparison_junit.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/bench/comparison_facts.hpp"
#include "reports/bench/quantities.hpp"
#include "reports/junit.hpp"
#include "reports/text.hpp"

namespace assay::reports {
namespace {

using bench::RowComparison;
using bench::Verdict;

std::string property(const std::string& indent, std::string_view name, const std::string& value) {
  return fmt::format("{}  <property name=\"{}\" value=\"{}\"/>\n", indent, name, xml_text(value));
}

std::string properties(const std::string& indent, const std::string& members) {
  return fmt::format("{}<properties>\n{}{}</properties>\n", indent, members, indent);
}

std::string outcome(const RowComparison& row) {
  const std::string message = xml_text(reason_text(row));
  switch (row.verdict) {
    case Verdict::regressed:
      return fmt::format("      <failure type=\"{}\" message=\"{}\"/>\n", bench::name(row.verdict), message);
    case Verdict::invalid:
      return fmt::format("      <error type=\"{}\" message=\"{}\"/>\n", bench::name(row.verdict), message);
    case Verdict::inconclusive:
      return fmt::format("      <skipped message=\"{}: {}\"/>\n", bench::name(row.verdict), message);
    case Verdict::improved:
    case Verdict::same:
    case Verdict::same_code:
      break;
  }
  return "";
}

std::string test_case(const RowComparison& row) {
  const std::string indent(6, ' ');
  std::string members = property(indent, "verdict", std::string(bench::name(row.verdict)));
  members += property(indent, "reason", reason_text(row));
  if (has_figures(row)) {
    members += property(indent, "change", fmt::format("{} ({})", change_text(row.ratio.median), interval_text(row)));
    members += property(indent, "floor", percent_text(row.floor));
    members += property(indent, "p", probability_text(row.adjusted_p));
  }
  if (row.instructions) members += property(indent, "instructions", change_text(*row.instructions));
  return fmt::format("    <testcase classname=\"assay.report\" name=\"{}\" time=\"{:.9f}\">\n{}{}    </testcase>\n",
                     xml_text(printable(row.name)), row.new_seconds, properties(indent, members), outcome(row));
}

}  // namespace

std::string comparison_junit(const bench::Comparison& comparison) {
  const auto count = [&](Verdict verdict) {
    return std::ranges::count(comparison.rows, verdict, &RowComparison::verdict);
  };
  const std::string indent(4, ' ');
  std::string members = property(indent, "verdict", std::string(bench::name(verdict_of(comparison))));
  members += property(indent, "base", side_text(comparison.base));
  members += property(indent, "new", side_text(comparison.fresh));
  for (const std::string& warning : comparison.warnings) members += property(indent, "warning", printable(warning));
  std::string cases;
  for (const RowComparison& row : comparison.rows) cases += test_case(row);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"assay.report\" tests=\"{}\" "
      "failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n{}{}  </testsuite>\n</testsuites>\n",
      comparison.rows.size(), count(Verdict::regressed), count(Verdict::invalid), count(Verdict::inconclusive),
      properties(indent, members), cases);
}

}  // namespace assay::reports
