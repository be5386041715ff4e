// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What can be said of a comparison, and what it means for a script.
#pragma once

#include <string_view>

namespace assay::golden {

/// In the order of importance: the verdict of a whole is the last of its parts in this list.
enum class Verdict {
  pass,      ///< compared and within the limits
  tie,       ///< differs only behind a routing decision that rounding may turn either way, as its margin proves
  marginal,  ///< holds, with less than a tenth of a limit to spare
  vacuous,   ///< compared, but the comparison proves nothing: no elements, all zero, nothing selected
  missing,   ///< a site that the golden has was not emitted
  stale,     ///< the weights on disk are not the weights of the golden
  fail,      ///< differs
  invalid,   ///< could not be judged: unreadable or invalid input
};

/// "PASS", "TIE", ...
[[nodiscard]] std::string_view name(Verdict verdict);

[[nodiscard]] Verdict worse(Verdict a, Verdict b);

/// 0 holds; 1 differs; 2 cannot judge; 3 vacuous, missing or stale.
[[nodiscard]] int exit_code(Verdict verdict);

}  // namespace assay::golden
