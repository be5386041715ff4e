// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The activations, alone and as the gate of an MLP. One thread: callers have a tile or a block of rows in cache and are
// parallel themselves.
#pragma once

#include <cstddef>

#include "model/config/activation.hpp"
#include "optimized/rows.hpp"

namespace assay::optimized {

/// log(1 + exp(x)), and x itself above 20, as torch.nn.functional.softplus has it.
[[nodiscard]] double softplus(double x);

/// values = act(values), what ACT2FN[hidden_act] computes in transformers 5.23.0 (activations). NaN stays NaN.
void activate(const ActivationFunction& act,
              float* values,  // [count]
              std::size_t count);

/// out = act(gate) * up. `out` may be `gate` or `up`. The instruction set and the function are chosen once.
void activate_and_multiply(const ActivationFunction& act,
                           Rows<const float> gate,  // [T, I]
                           Rows<const float> up,    // [T, I]
                           Rows<float> out);        // [T, I]

}  // namespace assay::optimized
