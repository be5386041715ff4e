// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A case on memory instead of caches: one call after the other on the next of several copies of its operands, which
// together are more than four times as large as the last-level cache, so that none finds its weights there.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "bench/micro/case.hpp"

namespace assay::bench::micro {

struct RotationPlan {
  std::size_t copies = 1;
  bool capped = false;  ///< fewer than it takes, as half of the memory that is available does not hold them
};

/// For a case that has cold_bytes.
[[nodiscard]] RotationPlan plan_rotation(const Case& cold, std::size_t cache_bytes, std::size_t available_bytes);

class Rotation final : public Operation {
 public:
  /// Calls each copy once: pages that are touched for the first time cost more than memory.
  Rotation(const Case& cold, const RotationPlan& plan);

  void call() override;
  [[nodiscard]] std::vector<std::span<const std::byte>> outputs() const override { return copies_.front()->outputs(); }

 private:
  std::vector<std::unique_ptr<Operation>> copies_;
  std::size_t next_ = 0;
};

}  // namespace assay::bench::micro
