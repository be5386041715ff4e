// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/optimized/operands.hpp"

#include <stdexcept>

namespace assay::bench::micro::optimized_cases {

OptimizedOperation::OptimizedOperation(std::size_t threads, std::size_t most_floats)
    : threads_(threads), memory_(most_floats * sizeof(float)), slices_(memory_.bytes().data()) {}

std::span<float> OptimizedOperation::zeros(std::size_t count) {
  float* const values = slices_.take<float>(count);
  if (slices_.peak() > memory_.bytes().size()) throw std::logic_error("micro-benchmarks: operands beyond their memory");
  return {values, count};
}

std::span<float> OptimizedOperation::random(std::size_t count) {
  const std::span<float> values = zeros(count);
  fill(values, seed_++);
  return values;
}

Rows<float> OptimizedOperation::random_rows(std::size_t count, std::size_t width) {
  return optimized::dense(random(count * width).data(), count, width);
}

Rows<float> OptimizedOperation::zero_rows(std::size_t count, std::size_t width) {
  return optimized::dense(zeros(count * width).data(), count, width);
}

optimized::blis::StoredRows PackedWeights::stored(std::size_t outputs, std::size_t inputs) {
  const StoredMatrix& matrix = stored_.emplace_back(outputs, inputs, stored_.size() + 1);
  return optimized::blis::all_rows(matrix.tensor(), "made up");
}

optimized::blis::PackedMatrix PackedWeights::add(std::size_t outputs, std::size_t inputs) {
  return packer_.add({stored(outputs, inputs)});
}

optimized::blis::PackedMatrix PackedWeights::add_gated(std::size_t outputs, std::size_t inputs) {
  const optimized::blis::StoredRows gate = stored(outputs, inputs);
  return packer_.add_gated(gate, stored(outputs, inputs));
}

void PackedWeights::pack() {
  packer_.pack(Threads(1));
  stored_.clear();
}

}  // namespace assay::bench::micro::optimized_cases
