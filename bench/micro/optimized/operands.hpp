// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the cases of the optimized engine have in common: working values as slices of one piece of memory, as an engine
// has them, and packed matrices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "bench/micro/case.hpp"
#include "bench/micro/values.hpp"
#include "optimized/aligned_buffer.hpp"
#include "optimized/blis/weight_packer.hpp"
#include "optimized/rows.hpp"
#include "optimized/threads.hpp"
#include "optimized/workspace.hpp"

namespace assay::bench::micro::optimized_cases {

using optimized::Rows;
using optimized::Threads;

class OptimizedOperation : public Operation {
 public:
  [[nodiscard]] std::vector<std::span<const std::byte>> outputs() const override { return outputs_; }

 protected:
  /// `most_floats` is what the operation will take, generously: memory that is not touched is not there.
  explicit OptimizedOperation(std::size_t threads, std::size_t most_floats = std::size_t{16} << 20U);

  /// Slices of the memory: random values, another seed each time, or zeros.
  [[nodiscard]] std::span<float> random(std::size_t count);
  [[nodiscard]] std::span<float> zeros(std::size_t count);
  [[nodiscard]] Rows<float> random_rows(std::size_t count, std::size_t width);
  [[nodiscard]] Rows<float> zero_rows(std::size_t count, std::size_t width);

  /// Dense rows that a call fills.
  template <class T>
  void computes(std::span<T> values) {
    outputs_.push_back(std::as_bytes(values));
  }
  void computes(Rows<float> rows) { computes(std::span<float>(rows.data, rows.count * rows.width)); }

  [[nodiscard]] const Threads& threads() const { return threads_; }

 private:
  Threads threads_;
  optimized::AlignedBuffer memory_;
  optimized::Slices slices_;
  std::uint64_t seed_ = 1;
  std::vector<std::span<const std::byte>> outputs_;
};

/// Matrices with random weights, packed.
class PackedWeights {
 public:
  /// For about so many weights in all.
  PackedWeights(optimized::WeightStorage storage, std::size_t count)
      : packer_(storage, static_cast<double>(count * size_bytes(storage))) {}

  /// [outputs, inputs]. To be used after pack().
  [[nodiscard]] optimized::blis::PackedMatrix add(std::size_t outputs, std::size_t inputs);
  /// Gate and up projection, [outputs, inputs] each.
  [[nodiscard]] optimized::blis::PackedMatrix add_gated(std::size_t outputs, std::size_t inputs);
  void pack();

 private:
  [[nodiscard]] optimized::blis::StoredRows stored(std::size_t outputs, std::size_t inputs);

  optimized::blis::WeightPacker packer_;
  std::deque<StoredMatrix> stored_;  // until they are packed
};

/// A thread for every core of a small machine: 1 and 2.
inline constexpr std::size_t thread_counts[] = {1, 2};

/// Bytes of floats.
[[nodiscard]] constexpr double float_bytes(std::size_t count) { return static_cast<double>(count) * sizeof(float); }

}  // namespace assay::bench::micro::optimized_cases
