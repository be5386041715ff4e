// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Products of tokens with packed weight matrices: the loops around the microkernel, for any number of matrices at once
// (the experts that have tokens), spread over the threads by their arithmetic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "model/config/activation.hpp"
#include "optimized/blis/packed_matrix.hpp"
#include "optimized/rows.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized::blis {

/// y = x W^T / divisor + bias; or, with a gated matrix, y = act(x G^T) * (x U^T), where neither of the two products is
/// ever in memory as a whole.
struct MatmulTask {
  const PackedMatrix* weight = nullptr;
  Rows<const float> x;                    ///< [T, inputs], or the rows that `gather` picks from
  const std::uint32_t* gather = nullptr;  ///< [T]: token t is row gather[t] of x; null: row t
  Rows<float> y;                          ///< [T, outputs]
  const float* bias = nullptr;            ///< [outputs]; null: none
  float divisor = 1.0F;
  const ActivationFunction* act = nullptr;  ///< of a gated matrix, and there only
};

/// Floats of scratch for all threads, for products with up to `inputs` inputs and `tokens` tokens a task.
[[nodiscard]] std::size_t matmul_scratch(std::size_t inputs, std::size_t tokens, const Threads& threads);

/// All tasks; `scratch` begins on a cache line. Each output is computed by one thread in an order that does not depend
/// on the number of threads: neither do the bits.
void matmul(std::span<const MatmulTask> tasks, float* scratch, const Threads& threads);

}  // namespace assay::optimized::blis
