// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Losses, summed in double: fixed_cross_entropy and ForSequenceClassificationLoss of transformers 5.23.0
// (loss/loss_utils.py).
#pragma once

#include <cstdint>
#include <span>

#include "model/call.hpp"
#include "optimized/rows.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized {

/// terms[t] = log(sum_v exp(logits[t, v])) - logits[t, targets[t]], 0 where there is no target. NaN where a logit is.
void cross_entropy_terms(Rows<const float> logits,               // [T, V]
                         std::span<const std::int64_t> targets,  // [T]
                         std::span<double> terms,                // [T]
                         const Threads& threads);

/// The mean of the terms that have a target, or their sum over `items` where that is not 0.
[[nodiscard]] double reduce_cross_entropy(std::span<const double> terms,          // [T]
                                          std::span<const std::int64_t> targets,  // [T]
                                          std::int64_t items);

/// The mean of (logits - labels)². torch.nn.MSELoss.
[[nodiscard]] double mean_squared_error(std::span<const float> logits,   // [n]
                                        std::span<const float> labels);  // [n]

/// The mean of log(1 + exp(logits)) - labels * logits. torch.nn.BCEWithLogitsLoss.
[[nodiscard]] double binary_cross_entropy(std::span<const float> logits,   // [n]
                                          std::span<const float> labels);  // [n]

}  // namespace assay::optimized
