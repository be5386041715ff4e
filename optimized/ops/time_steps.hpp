// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The time steps of Mamba2.
#pragma once

#include <span>

#include "optimized/rows.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized {

/// dt = clamp(softplus(raw + dt_bias), lower, upper), softplus(x) = log(1 + exp(x)) and x itself above 20, as
/// torch.nn.functional.softplus has it. 0 and infinity clamp nothing. mamba2_chunk_scan of modeling_granitemoehybrid.
void time_steps(Rows<const float> raw,           // [T, Hm], in general columns of in_proj's output
                std::span<const float> dt_bias,  // [Hm]
                double lower, double upper,
                Rows<float> dt,  // [T, Hm]
                const Threads& threads);

}  // namespace assay::optimized
