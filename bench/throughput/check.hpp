// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A timed run is a verified run. Before anything is timed,
// - the first tokens of a workload are held against the reference in float64, and may be off by ten times as much as
//   the reference in float32 is (an engine sees no token before it has come, so what follows does not change them);
// - workloads that process the same tokens, many at once or one by one, must agree on each.
// What is timed then has to give the very bits of the run that was checked.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "bench/throughput/witness.hpp"
#include "bench/throughput/workload.hpp"
#include "model/engine.hpp"

namespace assay::bench {

/// The engines that outputs are held against.
struct References {
  Engine& truth;  ///< float64
  Engine& peer;   ///< float32
};

class Yardstick {
 public:
  /// Of the first `tokens` tokens of each of `batch` rows.
  Yardstick(const References& references, const Config& config, std::size_t batch, std::size_t tokens);

  struct Finding {
    double error = 0;  ///< relative, in the Euclidean norm
    double limit = 0;
    std::string complaint;  ///< "" where the outputs hold
  };

  /// What the engine gives for those tokens: final norm and logits.
  [[nodiscard]] Finding examine(Engine& engine) const;
  /// What it gave for them in a longer run from their beginning.
  [[nodiscard]] Finding examine(const Witness& run) const;

 private:
  [[nodiscard]] Finding judge(std::string_view what, double error, double noise) const;

  const Config& config_;
  std::size_t batch_;
  std::size_t tokens_;
  std::vector<double> hidden_;  // [B, c, D]
  std::vector<double> logits_;  // [B, c, V]
  double hidden_noise_ = 0;
  double logits_noise_ = 0;
};

/// Why two runs over the same tokens do not agree, "" where they do: the median over tokens of the relative difference
/// of the final norm may be 1e-4, as a tie between experts that rounding decides moves single tokens by much more.
[[nodiscard]] std::string disagreement(const Witness& one, const Witness& other, std::size_t batch);

}  // namespace assay::bench
