// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/result/roofline.hpp"

#include <algorithm>
#include <cmath>

namespace assay::bench {
namespace {

/// The seconds that the work takes at least, by roof.
struct Least {
  double compute = 0;
  double memory = 0;
};

bool is_amount(double number) { return number >= 0 && std::isfinite(number); }

std::optional<Least> least_seconds(const Work& work, const Roofs& roofs) {
  if (!is_amount(work.flops) || !is_amount(work.bytes) || work.flops + work.bytes == 0) return std::nullopt;
  Least least;
  if (work.flops > 0) {
    if (!(roofs.flops_per_second > 0)) return std::nullopt;
    least.compute = work.flops / roofs.flops_per_second;
  }
  if (work.bytes > 0) {
    if (!(roofs.bytes_per_second > 0)) return std::nullopt;
    least.memory = work.bytes / roofs.bytes_per_second;
  }
  return least;
}

}  // namespace

std::optional<double> share_of_roof(const Work& work, const Roofs& roofs) {
  const std::optional<Least> least = least_seconds(work, roofs);
  if (!least || !(work.seconds > 0) || !std::isfinite(work.seconds)) return std::nullopt;
  return std::max(least->compute, least->memory) / work.seconds;
}

std::optional<double> intensity(const Work& work) {
  if (!is_amount(work.flops) || !is_amount(work.bytes) || work.bytes == 0) return std::nullopt;
  return work.flops / work.bytes;
}

std::optional<Bound> bound_of(const Work& work, const Roofs& roofs) {
  if (!share_of_roof(work, roofs)) return std::nullopt;
  const Least least = *least_seconds(work, roofs);
  return least.compute >= least.memory ? Bound::compute : Bound::memory;
}

}  // namespace assay::bench
