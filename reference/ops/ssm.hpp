// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The selective state space of Mamba2 as its step recurrence (Dao and Gu 2024, section 2; transformers evaluates
// the same function in chunks).
#pragma once

#include <cstddef>

#include "model/view.hpp"
#include "reference/weight.hpp"

namespace assay::reference {

struct SsmExtents {
  std::size_t heads = 0;     // Hm
  std::size_t head_dim = 0;  // P
  std::size_t groups = 0;    // G
  std::size_t state = 0;     // N
};

/// For each token, head h of group g = h / (Hm / G):
///   S = exp(dt * A) * S + dt * x (outer) B_g,  A = -exp(A_log)
///   y = S C_g + D * x
template <class T>
void ssm_scan(View<const T, 2> conv_out,                    // [L, Im + 2 G N]: x, B, C
              View<const T, 2> dt,                          // [L, Hm]
              const WeightMatrix& a_log,                    // [Hm]
              const WeightMatrix& d_skip,                   // [Hm]
              const SsmExtents& extents, View<T, 3> state,  // [Hm, P, N]: before the first token, then after the last
              View<T, 2> y);                                // [L, Im]

}  // namespace assay::reference
