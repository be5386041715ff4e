// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// BLIS's own float32 microkernel, taken from its context: one register tile of a product of two packed panels. The
// loops around it are ours (docs/performance.md says why).
#pragma once

#include <cstddef>

namespace assay::optimized::blis {

/// One tile C[narrow, wide] (+)= N[narrow, k] * W[k, wide]. The kernel prefers one side of its tile to be contiguous in
/// memory: we call that side wide and give it to the outputs of a layer, the other, narrow, to its tokens. On a kernel
/// that prefers rows (6 x 16 on AVX2) wide is its columns, on one that prefers columns (32 x 12 on AVX-512) its rows.
class Microkernel {
 public:
  /// Asks BLIS for the kernel of this processor.
  Microkernel();

  [[nodiscard]] std::size_t narrow() const { return narrow_; }
  [[nodiscard]] std::size_t wide() const { return wide_; }

  /// The whole tile: panels are padded to full width, so there are no edges. One row beyond the panels is read, and not
  /// used: it must be mapped memory, which an AlignedBuffer is.
  void operator()(std::size_t k,              // length of the sums
                  const float* narrow_panel,  // [k, narrow], 64-byte aligned start of the packed buffer
                  const float* wide_panel,    // [k, wide]
                  float beta,                 // 0: C is overwritten, even if it holds NaN; else C = beta * C + product
                  float* c,                   // [narrow, wide], rows `stride` elements apart
                  std::size_t stride) const;

 private:
  void* function_;  // sgemm_ukr_ft
  void* context_;   // cntx_t*
  bool prefers_rows_;
  std::size_t narrow_;
  std::size_t wide_;
};

/// The one of this process.
[[nodiscard]] const Microkernel& microkernel();

}  // namespace assay::optimized::blis
