// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The kill matrix as a page for docs/ or the summary of a CI run.
#pragma once

#include <string>
#include <vector>

#include "selftest/kill_matrix.hpp"

namespace assay::selftest {

/// The whole page. It holds no time and no figure of a machine: the same mutants and verdicts give the same page.
[[nodiscard]] std::string markdown(const KillMatrix& matrix);

/// What a page says of a mutant: its name, the precisions in which it must be killed ("f32 f64"), and its fate.
struct PageRow {
  std::string mutant;
  std::string required;
  std::string fate;

  bool operator==(const PageRow&) const = default;
};

/// The rows of a page that markdown() wrote, in their order.
[[nodiscard]] std::vector<PageRow> rows_of_page(const std::string& page);

}  // namespace assay::selftest
