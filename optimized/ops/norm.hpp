// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The three norms, row by row: RMSNorm of the Granite models, LayerNorm of PhiMoE, and the gated RMSNorm of Mamba2.
// Sums and scales are taken in double. y may be x.
#pragma once

#include <cstddef>
#include <span>

#include "optimized/rows.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized {

/// y = w * (x / sqrt(mean(x^2) + eps)). GraniteMoeRMSNorm.
void rms_norm(Rows<const float> x,            // [T, D]
              std::span<const float> weight,  // [D]
              double eps,
              Rows<float> y,  // [T, D]
              const Threads& threads);

/// y = (x - mean) / sqrt(var + eps) * w + b with the biased variance. torch.nn.LayerNorm.
void layer_norm(Rows<const float> x,            // [T, D]
                std::span<const float> weight,  // [D]
                std::span<const float> bias,    // [D]
                double eps,
                Rows<float> y,  // [T, D]
                const Threads& threads);

/// o = x * silu(gate), then RMSNorm over each of `groups` equal parts of the row, the weight last.
/// GraniteMoeHybridRMSNormGated.
void gated_rms_norm(Rows<const float> x,            // [T, Im]
                    Rows<const float> gate,         // [T, Im], in general columns of a wider matrix
                    std::span<const float> weight,  // [Im]
                    std::size_t groups, double eps,
                    Rows<float> y,  // [T, Im]
                    const Threads& threads);

}  // namespace assay::optimized
