// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The three norms: RMSNorm of the Granite models, LayerNorm of PhiMoE, and the gated RMSNorm of Mamba2.
#pragma once

#include <cstddef>

#include "model/view.hpp"
#include "reference/weight.hpp"

namespace assay::reference {

/// y = w * x / sqrt(mean(x^2) + eps). GraniteMoeRMSNorm.
template <class T>
void rms_norm(View<const T, 2> x,          // [T, D]
              const WeightMatrix& weight,  // [D]
              double eps, View<T, 2> y);   // [T, D]

/// y = (x - mean) / sqrt(var + eps) * w + b with the biased variance. torch.nn.LayerNorm.
template <class T>
void layer_norm(View<const T, 2> x,          // [T, D]
                const WeightMatrix& weight,  // [D]
                const WeightMatrix& bias,    // [D]
                double eps, View<T, 2> y);   // [T, D]

/// o = x * silu(gate), then RMSNorm over each of `groups` equal parts of the row. GraniteMoeHybridRMSNormGated.
template <class T>
void gated_rms_norm(View<const T, 2> x,                             // [T, Im]
                    View<const T, 2> gate,                          // [T, at least Im]: the first Im columns
                    const WeightMatrix& weight,                     // [Im]
                    std::size_t groups, double eps, View<T, 2> y);  // [T, Im]

}  // namespace assay::reference
