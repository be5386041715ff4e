// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The selective state space of Mamba2 over many tokens, in chunks whose sums are matrix products (Dao and Gu 2024,
// section 6). For each token t, head h of group g = h / (Hm / G):
//   S_t = exp(dt_t * A) * S_{t-1} + dt_t * x_t (outer) B_t,  y_t = S_t C_t + D * x_t
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "optimized/rows.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized {

struct SsmExtents {
  std::size_t heads = 0;     // Hm
  std::size_t head_dim = 0;  // P
  std::size_t groups = 0;    // G
  std::size_t state = 0;     // N
};

/// Floats of scratch for each thread of a scan over `length` tokens of so many sequences; a multiple of 16.
[[nodiscard]] std::size_t ssm_scan_scratch(const SsmExtents& extents, std::size_t length, std::size_t sequences);

/// One row of a batch. Packed sequences begin with a state of zeros, and chunks end where they do: each has the bits
/// that it has alone. The number of threads does not change a bit of the result.
void ssm_scan(Rows<const float> x,            // [L, Hm * P]
              Rows<const float> b,            // [L, G * N]
              Rows<const float> c,            // [L, G * N]
              Rows<const float> dt,           // [L, Hm], not negative
              std::span<const float> decay,   // [Hm]: A = -exp(A_log)
              std::span<const float> d_skip,  // [Hm]
              const SsmExtents& extents,
              std::span<const std::int64_t> cu_seq_lens,  // [sequences + 1], from 0 to L; empty: one, from `state`
              float* state,                               // [Hm, P, N]: before the first token, then after the last
              Rows<float> y,                              // [L, Hm * P]
              float* scratch,  // [threads * ssm_scan_scratch], 64-byte aligned, need not be set
              const Threads& threads);

}  // namespace assay::optimized
