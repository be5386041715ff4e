// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/rotation.hpp"

#include <algorithm>

namespace assay::bench::micro {

RotationPlan plan_rotation(const Case& cold, std::size_t cache_bytes, std::size_t available_bytes) {
  constexpr std::size_t caches = 4;
  const std::size_t wanted = caches * cache_bytes / cold.cold_bytes + 1;
  const std::size_t possible =
      std::max<std::size_t>(1, available_bytes / 2 / std::max(cold.held_bytes, cold.cold_bytes));
  return {std::min(wanted, possible), possible < wanted};
}

Rotation::Rotation(const Case& cold, const RotationPlan& plan) {
  for (std::size_t i = 0; i < plan.copies; ++i) {
    copies_.push_back(cold.make());
    copies_.back()->call();
  }
}

void Rotation::call() {
  copies_[next_]->call();
  next_ = next_ + 1 == copies_.size() ? 0 : next_ + 1;
}

}  // namespace assay::bench::micro
