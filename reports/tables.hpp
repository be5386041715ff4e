// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a case has to show in rows, as text, for whichever report draws tables.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "golden/judge/result.hpp"

namespace assay::reports {

struct Table {
  struct Column {
    std::string_view name;
    enum class Align { left, right } align = Align::right;
  };
  struct Row {
    std::vector<std::string> cells;  ///< one a column; without control characters
    enum class Tone { plain, noted, wrong } tone = Tone::plain;
  };

  std::string_view title;
  std::string_view meaning;  ///< a sentence
  std::vector<Column> columns;
  std::vector<Row> rows;
};

/// A row a layer and call, in the order of execution. No rows where the golden has no experts.
[[nodiscard]] Table routing_table(const golden::CaseResult& result);

/// A row for each choice of experts that is not as in the golden.
[[nodiscard]] Table decision_table(const golden::CaseResult& result);

/// A row a layer and call: where the error of its output comes from.
[[nodiscard]] Table layer_ledger(const golden::CaseResult& result);

/// A row for each call with logits.
[[nodiscard]] Table end_to_end_table(const golden::CaseResult& result);

/// The sites that do not plainly pass, at most `most`, and those that used most of their limits until there are `least`
/// rows, in the order of execution.
[[nodiscard]] Table site_table(const golden::CaseResult& result, std::size_t least, std::size_t most);

}  // namespace assay::reports
