// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/verdict.hpp"

#include <algorithm>

namespace assay::golden {

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "PASS";
    case Verdict::tie:
      return "TIE";
    case Verdict::marginal:
      return "MARGINAL";
    case Verdict::vacuous:
      return "VACUOUS";
    case Verdict::missing:
      return "MISSING";
    case Verdict::stale:
      return "STALE";
    case Verdict::fail:
      return "FAIL";
    case Verdict::invalid:
      return "INVALID";
  }
  return "?";
}

Verdict worse(Verdict a, Verdict b) { return std::max(a, b); }

int exit_code(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
    case Verdict::tie:
    case Verdict::marginal:
      return 0;
    case Verdict::fail:
      return 1;
    case Verdict::invalid:
      return 2;
    case Verdict::vacuous:
    case Verdict::missing:
    case Verdict::stale:
      return 3;
  }
  return 2;
}

}  // namespace assay::golden
