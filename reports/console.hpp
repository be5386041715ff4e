// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What `assay verify` prints: one line a case, and below a case that does not hold what to do about it.
#pragma once

#include <set>
#include <string>

#include "golden/judge/result.hpp"
#include "reports/terminal.hpp"

namespace assay::reports {

enum class Show {
  all,
  broken,  ///< only the cases that do not hold, and no summary
};

struct Style {
  Colour colour = Colour::never;
  Show show = Show::all;
};

/// The lines of one case after the other, as they finish, under a heading for each engine and how it was run. Sites
/// that the engine does not show are told once under a heading, before the first case that has them.
class CaseLines {
 public:
  explicit CaseLines(Style style) : style_(style) {}

  /// Lines with their ends; the heading first where it differs from the one before. At most 80 columns, but for long
  /// words and the command. Digits are what every site is verified to; headroom is that of the site that has least.
  [[nodiscard]] std::string next(const golden::CaseResult& result);

 private:
  Style style_;
  std::string run_;        ///< what the heading in force says
  std::set<Site> absent_;  ///< sites not shown, as told under it
};

/// "FAIL     12 cases: 11 PASS, 1 FAIL  (2.1 s)" after an empty line, and what the goldens do not hold; "" where only
/// broken cases are shown.
[[nodiscard]] std::string summary(const golden::Verification& verification, Style style);

/// All cases, the triangle of both engines and transformers where there is one, and the summary.
[[nodiscard]] std::string console(const golden::Verification& verification, Style style);

/// One line a layer with the site that used most of its limit; the sites of the model come first.
[[nodiscard]] std::string layer_table(const golden::CaseResult& result, Style style);

}  // namespace assay::reports
