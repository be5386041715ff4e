// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// One token of the selective state space of Mamba2 for each row of a batch: the step recurrence of ssm_scan.hpp as it
// stands, at the speed of reading and writing the state.
#pragma once

#include <span>

#include "optimized/ops/ssm_scan.hpp"
#include "optimized/rows.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized {

void ssm_step(Rows<const float> x,            // [B, Hm * P]
              Rows<const float> b,            // [B, G * N]
              Rows<const float> c,            // [B, G * N]
              Rows<const float> dt,           // [B, Hm], not negative
              std::span<const float> decay,   // [Hm]: A = -exp(A_log)
              std::span<const float> d_skip,  // [Hm]
              const SsmExtents& extents,
              float* state,   // [B, Hm, P, N]: before the token, then after it
              Rows<float> y,  // [B, Hm * P]
              const Threads& threads);

}  // namespace assay::optimized
