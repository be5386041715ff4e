// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/comparison.hpp"

namespace assay::bench {

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::regressed:
      return "REGRESSED";
    case Verdict::improved:
      return "IMPROVED";
    case Verdict::same:
      return "SAME";
    case Verdict::inconclusive:
      return "INCONCLUSIVE";
    case Verdict::same_code:
      return "SAME-CODE";
    case Verdict::invalid:
      return "INVALID";
  }
  return "?";
}

}  // namespace assay::bench
