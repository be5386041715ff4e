// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// PhiMoE routing at inference: PhimoeTopKRouter and sparsemixer (transformers 5.23.0, models/phimoe).
#pragma once

#include <array>
#include <cstdint>

#include "model/view.hpp"

namespace assay::reference {

/// The largest and the second largest score; among equals the lowest expert comes first.
template <class T>
[[nodiscard]] std::array<std::int64_t, 2> sparsemixer_experts(View<const T, 1> scores);  // [E]

/// The weights of the two experts, from two different softmaxes. The first runs over the experts e with
/// (m - s_e) / max(|s_e|, m) <= 2 * jitter, where m is the largest score. The second removes the first expert, takes
/// the largest remaining score as m, and still divides by the original scores. They are not renormalised: their
/// sum is near 2.
template <class T>
[[nodiscard]] std::array<T, 2> sparsemixer_weights(View<const T, 1> scores,  // [E]
                                                   const std::array<std::int64_t, 2>& experts, double jitter);

}  // namespace assay::reference
