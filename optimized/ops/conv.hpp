// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The causal depthwise convolution of Mamba2 with its activation, for one sequence. Everything is time-major, so that a
// vector is a run of channels.
#pragma once

#include "model/config/activation.hpp"
#include "optimized/rows.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized {

/// out[t, c] = act(bias[c] + sum_j taps[j, c] * u[t - (K-1) + j, c]); before the first token stands the history.
/// causal_conv1d_fn and causal_conv1d_update of modeling_granitemoehybrid.
void causal_conv(Rows<const float> u,        // [L, C], in general columns of in_proj's output
                 Rows<const float> history,  // [K, C]: the last K columns before the first token, oldest first
                 const float* taps,          // [K, C]: the stored weight, transposed
                 const float* bias,          // [C] or null
                 const ActivationFunction& act,
                 Rows<float> out,  // [L, C]
                 const Threads& threads);

/// The last K columns of history and u, oldest first, before the activation.
void update_conv_history(Rows<const float> u,   // [L, C]
                         Rows<float> history);  // [K, C], replaced

}  // namespace assay::optimized
