// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How far transformers' float32 run is from the truth at a site, over a whole golden.
#pragma once

#include <map>

#include "golden/format/golden_file.hpp"
#include "golden/judge/real_rows.hpp"
#include "model/site.hpp"

namespace assay::golden {

/// Reads what it needs when it is asked, and remembers the answer.
class PooledNoise {
 public:
  /// Borrows the golden, which has a truth if anything is asked, and the rows that are judged.
  PooledNoise(const GoldenFile& golden, const RealRows& rows, Values yardstick = Values::hf32)
      : golden_(golden), rows_(rows), yardstick_(yardstick) {}

  /// ||hf32 - truth|| / ||truth|| over all calls and layers; 0 where the truth is 0. Logits and scores are a linear map
  /// of the final norm, of which a call may keep a single token: they have no less noise than it has.
  [[nodiscard]] double of(Site site);

 private:
  [[nodiscard]] double measured(Site site);

  const GoldenFile& golden_;
  const RealRows& rows_;
  Values yardstick_;
  std::map<Site, double> known_;
};

}  // namespace assay::golden
