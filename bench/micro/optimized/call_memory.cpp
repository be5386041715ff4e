// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/optimized/call_memory.hpp"

#include <cstdint>
#include <numeric>

#include "optimized/ops/rope.hpp"
#include "optimized/ops/rope_frequencies.hpp"

namespace assay::bench::micro::optimized_cases {

void CallMemory::rotate(std::size_t head_dim, double theta) {
  std::vector<float> inv_freq(head_dim / 2);
  optimized::default_inv_freq(theta, inv_freq);
  std::vector<std::int64_t> positions(extents_.length);
  std::iota(positions.begin(), positions.end(), static_cast<std::int64_t>(extents_.past));
  cos_.resize(extents_.length * head_dim);
  sin_.resize(extents_.length * head_dim);
  optimized::rope_table(positions, inv_freq, 1.0, optimized::dense(cos_.data(), extents_.length, head_dim),
                        optimized::dense(sin_.data(), extents_.length, head_dim), threads_);
}

}  // namespace assay::bench::micro::optimized_cases
