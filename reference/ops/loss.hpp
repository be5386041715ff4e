// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The losses of torch.nn.functional that the models use, in double whatever the engine stores.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "model/call.hpp"
#include "model/view.hpp"

namespace assay::reference {

/// -log softmax(logits)[target], summed over the rows that have a target; over their number, or over
/// `num_items_in_batch` where that is given. fixed_cross_entropy of transformers 5.23.0, loss/loss_utils.py.
template <class T>
[[nodiscard]] double cross_entropy(View<const T, 2> logits,                // [N, classes]
                                   std::span<const std::int64_t> targets,  // [N]
                                   std::optional<std::int64_t> num_items_in_batch);

/// The mean of (x - target)^2. torch.nn.functional.mse_loss.
template <class T>
[[nodiscard]] double mean_squared_error(std::span<const T> x, std::span<const float> targets);

/// The mean of -target * log(sigmoid(x)) - (1 - target) * log(1 - sigmoid(x)).
/// torch.nn.functional.binary_cross_entropy_with_logits.
template <class T>
[[nodiscard]] double binary_cross_entropy_with_logits(std::span<const T> x, std::span<const float> targets);

}  // namespace assay::reference
