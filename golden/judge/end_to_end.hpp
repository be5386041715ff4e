// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What logits are used for: the distribution over the next token, and its largest entry.
#pragma once

#include <cstddef>
#include <span>

#include "golden/judge/result.hpp"

namespace assay::golden {

/// KL(softmax expected, softmax actual) in nats over one row of logits [V], in double. 0 at least, NaN where one is.
[[nodiscard]] double kl_divergence(std::span<const double> expected, std::span<const double> actual);

/// Row by row of [rows, width] logits that are judged. A row whose largest entries differ is a tie where the expected
/// logit of the actual choice is within 2 `logit_limit` of the best, else wrong. Gates are left 0.
[[nodiscard]] EndToEnd end_to_end(std::span<const double> expected, std::span<const double> actual, std::size_t width,
                                  double logit_limit);

}  // namespace assay::golden
