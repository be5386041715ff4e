// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The softmax of attention over scores that come a block of keys at a time: "Online normalizer calculation for
// softmax", Milakov and Gimelshein 2018, arXiv:1805.02867. Scores of several queries lie side by side, so that all
// that is done for one query is done for a vector of them.
#pragma once

#include <cstddef>

namespace assay::optimized {

/// What is known of each query so far; begin with the lowest finite maximum and a sum of 0. A finite beginning keeps
/// inf - inf out: a hidden score is -inf, and exp(-inf - maximum) is 0.
struct RunningSoftmax {
  float* maximum = nullptr;  // [width]
  float* sum = nullptr;      // [width] of exp(score - maximum)
};

void begin_softmax(const RunningSoftmax& state, std::size_t width);

/// Turns the scores into exp(score * scale - maximum) and takes them into the state. `rescale` becomes the factor of
/// what was added up under the maximum before; returns whether one of them is not 1. NaN stays NaN.
[[nodiscard]] bool continue_softmax(float* scores,  // [keys, width], width a multiple of 4; in: before scaling
                                    std::size_t keys, std::size_t width, float scale, const RunningSoftmax& state,
                                    float* rescale);  // [width]

/// scores [keys] of one query, in place; returns their sum. `maximum` becomes the greatest, at least the lowest finite
/// number.
[[nodiscard]] float exponentials(float* scores, std::size_t keys, float& maximum);

/// rows[i][c] *= factors[c]
void scale_columns(float* rows,  // [count, width]
                   std::size_t count, std::size_t width, const float* factors);

}  // namespace assay::optimized
