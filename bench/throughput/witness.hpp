// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Looks at an untimed run of a workload: what the model computed for every token, and where its tokens went.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/config/config.hpp"
#include "model/probe.hpp"

namespace assay::bench {

class Witness final : public Observer {
 public:
  explicit Witness(const Config& config);

  void observe(const ProbePoint& point, const SiteValue& value) override;

  /// The final norm [D] of a token, counted from the first that was seen; empty for one that was not.
  [[nodiscard]] std::span<const double> hidden(std::size_t row, std::size_t token) const;
  /// Tokens of a row.
  [[nodiscard]] std::size_t tokens() const { return tokens_; }

  /// By layer and expert, how many tokens chose it; no layers where the model has no experts.
  [[nodiscard]] const std::vector<std::vector<std::uint64_t>>& chosen() const { return chosen_; }
  /// By layer, how many experts a call used in the mean.
  [[nodiscard]] std::vector<double> experts_used() const;

 private:
  /// Of one call.
  struct Hidden {
    std::size_t length = 0;
    std::vector<double> values;  // [B, L, D]
  };

  void count(const SiteValue& experts, LayerIndex layer);

  std::size_t width_;
  std::size_t tokens_ = 0;
  std::vector<Hidden> hidden_;
  std::vector<std::vector<std::uint64_t>> chosen_;
  std::vector<double> used_;  ///< by layer, over all calls
};

}  // namespace assay::bench
