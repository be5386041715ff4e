// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/phimoe_margins.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace assay::golden {

std::array<double, 4> phimoe_margins(std::span<const double> logits, double jitter) {
  std::array<double, 4> margins;
  margins.fill(std::numeric_limits<double>::max());
  std::vector<double> remaining(logits.begin(), logits.end());
  for (std::size_t pass = 0; pass < 2 && !remaining.empty(); ++pass) {
    const auto winner = std::ranges::max_element(remaining);
    const double best = *winner;
    remaining.erase(winner);
    for (const double score : remaining) {
      margins[2 * pass] = std::min(margins[2 * pass], best - score);
      // An expert is dropped where (best - s) - 2 jitter f > 0, f = max(|s|, best): while each logit moves by less than
      // x, best - s moves by less than 2 x and f by less than x.
      const double distance = std::abs((best - score) - 2.0 * jitter * std::max(std::abs(score), best));
      margins[2 * pass + 1] = std::min(margins[2 * pass + 1], distance / (1.0 + jitter));
    }
  }
  return margins;
}

}  // namespace assay::golden
