// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How far transformers' float32 run is from the truth at a site, over a whole golden.
#pragma once

#include <map>

#include "golden/format/golden_file.hpp"
#include "model/site.hpp"

namespace assay::golden {

/// Reads what it needs when it is asked, and remembers the answer.
class PooledNoise {
 public:
  /// Borrows the golden, which has a truth if anything is asked.
  explicit PooledNoise(const GoldenFile& golden) : golden_(golden) {}

  /// ||hf32 - truth|| / ||truth|| over all calls and layers; 0 where the truth is 0.
  [[nodiscard]] double of(Site site);

 private:
  const GoldenFile& golden_;
  std::map<Site, double> known_;
};

}  // namespace assay::golden
