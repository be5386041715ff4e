// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The load balancing loss of a mixture of experts: load_balancing_loss_func of transformers 5.23.0. It takes router
// logits a layer at a time and keeps two sums an expert, not the logits of all layers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/view.hpp"
#include "optimized/rows.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized {

class LoadBalancing {
 public:
  /// `experts_per_token` is k of the config, also where the router takes another number (PhiMoE). Tokens whose `mask`
  /// is 0 do not count.
  LoadBalancing(std::size_t experts, std::size_t experts_per_token,
                std::optional<View<const std::int64_t, 2>> mask);  // [B, L]

  /// Takes in the logits of one layer. Any number of threads gives the same bits.
  void add(Rows<const float> router_logits,  // [T, E]
           const Threads& threads);

  /// E * sum_e f_e q_e, where f_e is the share of rows that have e among their k largest logits, q_e the mean of their
  /// softmax at e, both over the rows of all layers. NaN where no token counts, as in transformers.
  [[nodiscard]] double loss() const;

 private:
  void add_row(const float* logits, double weight, double* sums) const;

  std::size_t experts_;
  std::size_t experts_per_token_;
  std::optional<View<const std::int64_t, 2>> mask_;
  std::vector<double> sums_;  // [2, E]: times chosen, probabilities
  double rows_ = 0;
  std::vector<double> of_piece_;  // [pieces, 2, E]
};

}  // namespace assay::optimized
