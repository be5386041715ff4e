// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a block is called with: the memory and the context of one call, as an engine makes them.
#pragma once

#include <cstddef>
#include <vector>

#include "optimized/blis/matmul.hpp"
#include "optimized/blocks/call_context.hpp"
#include "optimized/workspace.hpp"

namespace assay::bench::micro::optimized_cases {

class CallMemory {
 public:
  CallMemory(const optimized::CallExtents& extents, std::size_t widest_input, const optimized::Threads& threads)
      : extents_(extents), widest_input_(widest_input), threads_(threads) {}

  /// `plan(extents, slices)` takes what the block will take.
  template <class Plan>
  void reserve(const Plan& plan) {
    optimized::Slices nothing;
    static_cast<void>(matmul_scratch(nothing));
    plan(extents_, nothing);
    bytes_ = nothing.peak();
  }

  /// The angles of a rotary embedding, where the model has one. Dense heads of `head_dim`.
  void rotate(std::size_t head_dim, double theta);

  /// Calls work(context, show), where nobody looks.
  template <class Work>
  void with_context(const Work& work) {
    optimized::Slices memory = workspace_.begin(bytes_);
    optimized::CallContext context{.extents = extents_,
                                   .continues = extents_.past > 0,
                                   .threads = threads_,
                                   .memory = memory,
                                   .matmul_scratch = matmul_scratch(memory)};
    context.visibility.batch = extents_.batch;
    context.visibility.queries = extents_.length;
    context.visibility.first_query = extents_.past;
    context.visibility.keys = extents_.past + extents_.length;
    if (!cos_.empty()) {
      const std::size_t width = cos_.size() / extents_.length;
      context.cos = optimized::dense(cos_.data(), extents_.length, width);
      context.sin = optimized::dense(sin_.data(), extents_.length, width);
    }
    work(context, optimized::Show(Probe(), extents_.batch, extents_.length, &show_buffer_));
  }

 private:
  [[nodiscard]] float* matmul_scratch(optimized::Slices& memory) const {
    return memory.take<float>(optimized::blis::matmul_scratch(widest_input_, extents_.tokens(), threads_));
  }

  optimized::CallExtents extents_;
  std::size_t widest_input_;
  const optimized::Threads& threads_;
  optimized::Workspace workspace_{optimized::Poison::no};
  optimized::ShowBuffer show_buffer_;
  std::size_t bytes_ = 0;
  std::vector<float> cos_;  // [L, d]
  std::vector<float> sin_;  // [L, d]
};

}  // namespace assay::bench::micro::optimized_cases
