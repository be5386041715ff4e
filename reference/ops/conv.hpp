// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The causal depthwise convolution of Mamba2, with its activation.
#pragma once

#include <optional>

#include "model/config/activation.hpp"
#include "model/view.hpp"
#include "reference/weight.hpp"

namespace assay::reference {

/// out[t, c] = act(bias[c] + sum_j weight[c, j] * u[t - (K-1) + j, c]); before the first token stands the history.
/// causal_conv1d_fn and causal_conv1d_update of modeling_granitemoehybrid.
template <class T>
void causal_conv(View<const T, 2> projected,  // [L, at least first_channel + C]: u is C columns of it
                 std::size_t first_channel,
                 View<const T, 2> history,                        // [C, K]: the last K columns before the first token
                 const WeightMatrix& weight,                      // [C, K]
                 const std::optional<WeightMatrix>& bias,         // [C]
                 const ActivationFunction& act, View<T, 2> out);  // [L, C]

/// The last K columns of history and u, oldest first, before the activation.
template <class T>
void update_conv_state(View<const T, 2> projected,                    // [L, ...] as above
                       std::size_t first_channel, View<T, 2> state);  // [C, K]: the history, replaced

}  // namespace assay::reference
