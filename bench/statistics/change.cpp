// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/change.hpp"

#include <fmt/format.h>

#include <cmath>

namespace assay::bench {

std::string change_text(double ratio) {
  if (!std::isfinite(ratio) || ratio <= 0) return "?";
  if (ratio >= 1.995 || ratio <= 0.5) return fmt::format("{:.3g}x", ratio);
  const double percent = 100 * (ratio - 1);
  return std::abs(percent) < 0.05 ? "0.0%" : fmt::format("{:+.1f}%", percent);
}

}  // namespace assay::bench
