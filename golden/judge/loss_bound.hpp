// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How far a loss may move when what it is made of moves by its own limits. A loss is one number: transformers' error in
// it is a sample of one, and no yardstick. docs/numerics.md has the derivations.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "golden/format/recorded_call.hpp"
#include "model/config/config.hpp"

namespace assay::golden {

/// The router logits of one layer and the largest error that an element of them may have.
struct RouterLogits {
  std::vector<double> values;  // [T, E]
  double limit_max_abs = 0;
};

struct LossBound {
  double error = 0;  ///< while no expert is counted otherwise
  double jump = 0;   ///< how much more where a token's k largest logits are a proven tie; 0 as a rule
};

/// Of aux_loss (transformers 5.23.0, load_balancing_loss_func), from the router logits of every layer.
[[nodiscard]] LossBound aux_loss_bound(const Config& config, const RecordedCall& call,
                                       std::span<const RouterLogits> layers);

/// Of the part of the loss that is made of logits, whose elements may be off by `logit_limit`: cross entropy, or one of
/// the losses of a classification. `logits` are the expected ones, [B, L, V] or [B, num_labels].
[[nodiscard]] double loss_error(const Config& config, const RecordedCall& call, std::span<const double> logits,
                                double logit_limit);

}  // namespace assay::golden
